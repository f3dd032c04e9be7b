// What nodes say to each other over a connection, and the check that it is that. A message that passes has the shape
// the core relies on; whether it makes sense is the core's to judge.

import * as v from 'valibot';
import type { Json } from '../../checkers/json.ts';
import { isServerErrorCode } from '../client/errors.ts';
import type { Message } from '../raft/messages.ts';
import type { Reply, Request } from './request.ts';

export type PeerFrame =
  /** First on every connection. `cluster` keeps a node of another cluster out. */
  | { readonly kind: 'hello'; readonly cluster: string; readonly from: string; readonly to: string }
  | { readonly kind: 'raft'; readonly message: Message }
  /** `id` is chosen by the sender and never used again, not even after a restart. */
  | { readonly kind: 'forward'; readonly id: string; readonly request: Request }
  | { readonly kind: 'forwarded'; readonly id: string; readonly reply: Reply };

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const json = v.custom<Json>((value) => value !== undefined);
const entry = v.strictObject({ index: count, term: count, data: v.string() });

const message = v.variant('kind', [
  v.strictObject({ kind: v.literal('request-vote'), term: count, lastIndex: count, lastTerm: count }),
  v.strictObject({ kind: v.literal('vote'), term: count, granted: v.boolean() }),
  v.strictObject({
    kind: v.literal('append'),
    term: count,
    prevIndex: count,
    prevTerm: count,
    entries: v.array(entry),
    commit: count,
    round: count,
  }),
  v.strictObject({ kind: v.literal('appended'), term: count, round: count, match: count }),
  v.strictObject({
    kind: v.literal('refused'),
    term: count,
    round: count,
    prevIndex: count,
    conflictTerm: v.exactOptional(count),
    firstIndex: count,
  }),
]);

const found = v.strictObject({ value: v.exactOptional(json) });

const request = v.variant('op', [
  v.strictObject({ op: v.literal('read'), key: v.string() }),
  v.strictObject({ op: v.literal('write'), key: v.string(), value: json }),
  v.strictObject({ op: v.literal('cas'), key: v.string(), from: json, to: json }),
]);

const reply = v.variant('kind', [
  v.strictObject({ kind: v.literal('found'), found }),
  v.strictObject({ kind: v.literal('written') }),
  v.strictObject({ kind: v.literal('swapped') }),
  v.strictObject({ kind: v.literal('mismatch'), found }),
  v.strictObject({ kind: v.literal('error'), code: v.custom(isServerErrorCode), message: v.string() }),
]);

const frame = v.variant('kind', [
  v.strictObject({ kind: v.literal('hello'), cluster: v.string(), from: v.string(), to: v.string() }),
  v.strictObject({ kind: v.literal('raft'), message }),
  v.strictObject({ kind: v.literal('forward'), id: v.string(), request }),
  v.strictObject({ kind: v.literal('forwarded'), id: v.string(), reply }),
]);

/** `undefined` for everything that is no frame. */
export function parsePeerFrame(payload: unknown): PeerFrame | undefined {
  const parsed = v.safeParse(frame, payload);
  return parsed.success ? (parsed.output as PeerFrame) : undefined;
}
