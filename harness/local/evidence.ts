// What a probe of a link must have seen for a wish to count as fulfilled, and how that is said. Pure.

import type { Probed, ProxyRule } from './protocol.ts';

/** How a link should fare: by a rule, or freely; `both ways` demands that the answer came back as well. */
export type Wish = ProxyRule | { readonly kind: 'pass' } | { readonly kind: 'pass both ways' };

export interface ProbePlan {
  readonly limitMs: number;
  readonly payloadBytes: number;
  /** Another look may tell more: silence that should not be, or a probe that failed itself. */
  readonly attempts: number;
}

/** How long silence must last to be called silence. */
const silenceMs = 200;
/** How long an answer may take that nothing delays. */
const answerMs = 300;
const slowestMs = 5_000;
const largestPayloadBytes = 256 * 1024;

export function probePlan(wish: Wish): ProbePlan {
  switch (wish.kind) {
    case 'pass':
    case 'pass both ways':
      return { limitMs: answerMs, payloadBytes: 0, attempts: 10 };
    case 'drop':
      return { limitMs: silenceMs, payloadBytes: 0, attempts: 3 };
    case 'reset':
      return { limitMs: answerMs, payloadBytes: 0, attempts: 3 };
    case 'delay':
      return { limitMs: wish.delayMs + (wish.jitterMs ?? 0) + answerMs, payloadBytes: 0, attempts: 3 };
    case 'limit':
      break;
  }
  // A fifth of a second's worth, of which the store of a token bucket lets a part through at once.
  const payloadBytes = Math.min(largestPayloadBytes, Math.ceil(wish.bytesPerSecond / 5));
  const limitMs = Math.min(slowestMs, (payloadBytes / wish.bytesPerSecond) * 1000 + 1000);
  return { limitMs, payloadBytes, attempts: 1 };
}

export interface Judged {
  readonly asWished: boolean;
  readonly seen: string;
}

export function judge(wish: Wish, probed: Probed, plan: ProbePlan): Judged {
  if (!probed.control || (!probed.connected && !probed.reset)) {
    return { asWished: false, seen: `cannot tell: the probe itself did not work in ${probed.waitedMs} ms` };
  }
  return { asWished: isAsWished(wish, probed, plan), seen: inWords(probed) };
}

function isAsWished(wish: Wish, { arrivedMs, answeredMs, reset }: Probed, plan: ProbePlan): boolean {
  if (reset) return wish.kind === 'reset';
  switch (wish.kind) {
    case 'reset':
      return false;
    case 'drop':
      return arrivedMs === null;
    case 'pass':
      return arrivedMs !== null;
    case 'pass both ways':
      return answeredMs !== null;
    case 'delay':
      // Timers and the clock round differently, by less than a millisecond.
      return arrivedMs !== null && arrivedMs > wish.delayMs - (wish.jitterMs ?? 0) - 1;
    case 'limit':
      break;
  }
  const shortestMs = (plan.payloadBytes / wish.bytesPerSecond) * 1000 * 0.6;
  return arrivedMs === null ? shortestMs > plan.limitMs : arrivedMs >= shortestMs;
}

function inWords({ arrivedMs, answeredMs, reset, waitedMs }: Probed): string {
  if (reset) return 'reset';
  if (answeredMs !== null) return `arrived in ${arrivedMs} ms, answered in ${answeredMs} ms`;
  if (arrivedMs !== null) return `arrived in ${arrivedMs} ms, no answer in ${waitedMs} ms`;
  return `nothing arrived in ${waitedMs} ms`;
}
