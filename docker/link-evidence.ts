// What a probe of a link between containers must have seen for a wish to count as fulfilled, and how that is said. Pure.

import type { LinkRule } from '../harness/environment.ts';
import type { Family } from './helper/family.ts';
import type { Arrival, Connecting } from './helper/protocol.ts';
import { burstBytes } from './helper/shaping-rules.ts';

/** How a link should fare; `both ways` demands that a connection is answered as well. */
export type Wish = LinkRule | { readonly kind: 'pass' } | { readonly kind: 'pass both ways' };

export interface ProbePlan {
  /** Tokens by UDP in each family; none where only a connection tells. */
  readonly tokens: number;
  readonly bytes: number;
  readonly spacingMs: number;
  /** After so many it is known; more than that are not waited for. */
  readonly enough: number;
  readonly waitMs: number;
  readonly connects: boolean;
  /** Another look may tell more: silence that should not be, or a probe that failed itself. */
  readonly attempts: number;
}

/** How long silence must last to be called silence. */
const silenceMs = 200;
/** How long an answer may take that nothing delays. */
const answerMs = 300;
/** What a busy machine has not taken in yet would be counted as lost. */
const stragglersMs = 1_000;
const slowestMs = 5_000;
const largestTransferBytes = 128 * 1024;
const packetBytes = 1_000;
/** A rule that would have shown itself in none of so many packets is called unseen. */
const mostTokens = 2_000;
/** Between two batches of packets. */
const spacingMs = 4;

export function linkProbePlan(wish: Wish): ProbePlan {
  const one: ProbePlan = {
    tokens: 1,
    bytes: 1,
    spacingMs: 0,
    enough: 1,
    waitMs: answerMs,
    connects: false,
    attempts: 3,
  };
  switch (wish.kind) {
    case 'pass':
    case 'pass both ways':
      return { ...one, connects: true, attempts: 10 };
    case 'drop':
      return { ...one, waitMs: silenceMs };
    case 'reset':
      return { ...one, tokens: 0, connects: true };
    case 'delay':
      return { ...one, tokens: 5, enough: 5, waitMs: wish.delayMs + (wish.jitterMs ?? 0) + answerMs };
    case 'limit': {
      const { bytesPerSecond } = wish;
      // A fifth of a second's worth, and more than what passes at once.
      const transfer = Math.max(bytesPerSecond / 5, 2 * burstBytes(bytesPerSecond));
      const tokens = Math.ceil(Math.min(largestTransferBytes, transfer) / packetBytes);
      const dueMs = ((2 * tokens * packetBytes) / bytesPerSecond) * 1000;
      return {
        ...one,
        tokens,
        bytes: packetBytes,
        enough: tokens,
        waitMs: Math.min(slowestMs, dueMs + 1_000),
      };
    }
    case 'loss':
      return many(one, wish.share, stragglersMs);
    case 'duplicate':
      return many(one, wish.share, stragglersMs);
    case 'reorder':
      return many(one, Math.min(wish.share, 1 - wish.share), wish.delayMs + stragglersMs);
  }
}

/** So many that the rarer of both fates is all but sure to be met, and that shares can be told apart. */
function many(one: ProbePlan, rareShare: number, waitMs: number): ProbePlan {
  const tokens = Math.min(mostTokens, Math.max(300, Math.ceil(9 / Math.max(rareShare, 1e-6))));
  return { ...one, tokens, spacingMs, enough: 2 * tokens, waitMs };
}

/** What one probe of a link saw in one family. */
export interface SeenOfLink {
  readonly family: Family;
  /** Why a token did not leave. */
  readonly sendError?: string | undefined;
  /** Whoever should have heard it hears itself. */
  readonly control: boolean;
  readonly arrivals: readonly Arrival[];
  readonly waitedMs: number;
  readonly connection?: Connecting | undefined;
}

export interface Judged {
  readonly asWished: boolean;
  readonly seen: string;
}

export function judgeLink(wish: Wish, seen: SeenOfLink, plan: ProbePlan): Judged {
  if (seen.sendError !== undefined) {
    return { asWished: false, seen: `cannot tell: the probe was not sent: ${seen.sendError}` };
  }
  if (!seen.control) {
    return { asWished: false, seen: `cannot tell: the probe itself did not work in ${seen.waitedMs} ms` };
  }
  return { asWished: isAsWished(wish, seen, plan), seen: inWords(wish, seen, plan) };
}

/** The families together: all must be as wished, and what they saw is said once where it is the same. */
export function judgeFamilies(judged: readonly (Judged & { readonly family: Family })[]): Judged {
  const [first, ...others] = judged;
  if (first === undefined) return { asWished: false, seen: 'cannot tell: there is no address to probe' };
  const more = others.map(({ family, seen }) => ` (${family}: ${seen})`).join('');
  return { asWished: judged.every(({ asWished }) => asWished), seen: `${first.seen}${more}` };
}

function isAsWished(wish: Wish, { arrivals, connection }: SeenOfLink, plan: ProbePlan): boolean {
  const different = new Set(arrivals.map(([number]) => number)).size;
  const latest = Math.max(...arrivals.map(([, ms]) => ms));
  switch (wish.kind) {
    case 'drop':
      return arrivals.length === 0;
    case 'pass':
      // Silence may be the other direction's.
      return arrivals.length > 0 && connection?.outcome !== 'reset';
    case 'pass both ways':
      return arrivals.length > 0 && connection?.outcome === 'answered';
    case 'reset':
      return connection?.outcome === 'reset';
    case 'delay':
      // Timers and the clock round differently, by less than a millisecond.
      return arrivals.length > 0 && arrivals.every(([, ms]) => ms > wish.delayMs - (wish.jitterMs ?? 0) - 1);
    case 'limit': {
      const counted = bytesOf(arrivals) - burstBytes(wish.bytesPerSecond);
      return counted > 0 && latest >= (counted / wish.bytesPerSecond) * 1000 * 0.8;
    }
    case 'loss':
      return isAboutShare(plan.tokens - different, wish.share, plan.tokens);
    case 'duplicate':
      return isAboutShare(arrivals.length - different, wish.share, plan.tokens);
    case 'reorder':
      return isAboutShare(overtaking(arrivals, wish.delayMs), wish.share, plan.tokens);
  }
}

/** Within what chance does to it, and seen at all: of a rule for every thousandth packet a few tokens tell nothing. */
function isAboutShare(count: number, share: number, of: number): boolean {
  const deviation = Math.sqrt((share * (1 - share)) / of);
  const isNear = Math.abs(count / of - share) <= 4.5 * deviation + 0.02;
  return isNear && (share === 0 || count > 0);
}

function overtaking(arrivals: readonly Arrival[], delayMs: number): number {
  return arrivals.filter(([, ms]) => ms < delayMs / 2).length;
}

function bytesOf(arrivals: readonly Arrival[]): number {
  return arrivals.reduce((sum, [, , bytes]) => sum + bytes, 0);
}

function inWords(wish: Wish, { arrivals, waitedMs, connection }: SeenOfLink, plan: ProbePlan): string {
  const times = arrivals.map(([, ms]) => ms);
  const different = new Set(arrivals.map(([number]) => number)).size;
  const ofAll = (count: number) => `${count} of ${plan.tokens} packets`;
  switch (wish.kind) {
    case 'reset':
      return connected(connection);
    case 'loss':
      return `${ofAll(plan.tokens - different)} lost`;
    case 'duplicate':
      return `${ofAll(arrivals.length - different)} came twice`;
    case 'reorder':
      return `${ofAll(overtaking(arrivals, wish.delayMs))} overtook`;
    case 'limit':
      if (times.length === 0) break;
      return `${bytesOf(arrivals)} bytes arrived in ${Math.max(...times)} ms`;
    case 'delay':
      if (times.length === 0) break;
      return `arrived in ${Math.min(...times)} to ${Math.max(...times)} ms`;
    case 'drop':
    case 'pass':
    case 'pass both ways':
      break;
  }
  const heard =
    times.length === 0 ? `nothing arrived in ${waitedMs} ms` : `arrived in ${Math.min(...times)} ms`;
  return connection === undefined ? heard : `${heard}, ${connected(connection)}`;
}

function connected(connection: Connecting | undefined): string {
  switch (connection?.outcome) {
    case 'answered':
      return `answered in ${connection.ms} ms`;
    case 'reset':
      return 'reset';
    case 'refused':
    case 'failed':
      return `no connection: ${connection.code ?? connection.outcome}`;
    case 'silent':
    case undefined:
      return `no answer in ${Math.round(connection?.ms ?? 0)} ms`;
  }
}
