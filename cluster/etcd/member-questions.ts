// What a member is asked that is no call of a history: whether it serves, who leads, what time it is.

import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import * as v from 'valibot';
import type { Address } from '../../harness/environment.ts';
import { addressText } from '../common-address.ts';

/** A member that is cut off or paused must not hold up a question to all of them. */
const patienceMs = 1_500;
const clockPollMs = 10;

const healthShape = v.object({ health: v.literal('true') });
const statusShape = v.object({
  header: v.object({ member_id: v.string() }),
  leader: v.optional(v.string()),
  raftTerm: v.pipe(v.string(), v.transform(Number), v.number()),
});

/** Whether it answers a read that a majority confirms, which is what etcd itself calls healthy. */
export async function isHealthy(member: Address, signal: AbortSignal): Promise<boolean> {
  const answer = await ask(member, 'GET', '/health', signal);
  return v.is(healthShape, answer?.body);
}

/** The term in which the member takes itself for the leader; `undefined`: it does not, or does not answer. */
export async function termOfLead(member: Address, signal: AbortSignal): Promise<number | undefined> {
  const answer = await ask(member, 'POST', '/v3/maintenance/status', signal);
  const status = v.safeParse(statusShape, answer?.body);
  if (!status.success) return undefined;
  const { header, leader, raftTerm } = status.output;
  return leader === header.member_id ? raftTerm : undefined;
}

/**
 * What the member's program takes the time to be, in milliseconds. It tells whole seconds only, in the date of its
 * replies, so it is asked until the second changes: for up to one second, right to some hundredths.
 */
export async function wallClockMs(member: Address, signal: AbortSignal): Promise<number> {
  const first = await secondOf(member, signal);
  for (;;) {
    await sleep(clockPollMs, undefined, { signal });
    const now = await secondOf(member, signal);
    if (now !== first) return now;
  }
}

async function secondOf(member: Address, signal: AbortSignal): Promise<number> {
  const answer = await ask(member, 'GET', '/version', signal);
  const time = Date.parse(answer?.date ?? '');
  if (Number.isNaN(time)) throw new Error(`the member at ${addressText(member)} does not tell the date`);
  return time;
}

interface Answer {
  readonly body: unknown;
  readonly date: string | undefined;
}

/** `undefined`: no answer, not in time, or none that can be read. Throws when the signal aborts. */
async function ask(
  member: Address,
  method: 'GET' | 'POST',
  path: string,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  try {
    const { headers, body } = await request(`http://${addressText(member)}${path}`, {
      method,
      signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
      // A connection of its own each time: the one of a node that was killed must not be met again.
      reset: true,
      ...(method === 'POST' && { body: '{}' }),
    });
    const { date } = headers;
    return { body: await body.json(), date: typeof date === 'string' ? date : undefined };
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
