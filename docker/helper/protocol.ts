// What the controller and a node's helper say to each other: JSON, a line each, requests on the helper's standard
// input, replies on its standard output. The end of its standard input ends it.

import * as v from 'valibot';

/**
 * Where helpers listen for each other's probes, UDP and TCP, on every address of their node. Below the ports that the
 * kernel gives out by itself. No rule ever names it, so that a probe fares as the node's own packets do.
 */
export const probePort = 24_242;

const name = v.string();
const milliseconds = v.pipe(v.number(), v.minValue(0));
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const ipAddress = v.pipe(v.string(), v.ip());
const count = v.pipe(v.number(), v.integer(), v.minValue(1));
/** Letters and digits only: it is a word of the probe's packets. */
const nonce = v.pipe(v.string(), v.regex(/^[a-z0-9]+$/));

/** Done where it is heard, by the firewall. */
const hearingRule = v.variant('kind', [
  v.object({ kind: v.literal('drop') }),
  v.object({ kind: v.literal('reset') }),
  v.object({ kind: v.literal('loss'), share }),
]);

/** Done where it is said, by the queue of the interface. */
const sayingRule = v.variant('kind', [
  v.object({ kind: v.literal('limit'), bytesPerSecond: v.pipe(v.number(), v.gtValue(0)) }),
  v.object({ kind: v.literal('delay'), delayMs: milliseconds, jitterMs: v.exactOptional(milliseconds) }),
  v.object({ kind: v.literal('duplicate'), share }),
  v.object({ kind: v.literal('reorder'), share, delayMs: milliseconds }),
]);

/** Everything that is to be in force at this node; what is not named is not in force afterwards. */
const rules = v.object({
  /** `fromAddresses`: every address of the speaker, of both families, those of the link included. */
  hears: v.array(v.object({ name, fromAddresses: v.array(ipAddress), rule: hearingRule })),
  says: v.array(v.object({ name, toAddresses: v.array(ipAddress), rule: sayingRule })),
  /** Whoever is no node of the cluster is not heard. */
  clientsCut: v.nullable(v.object({ name, nodeAddresses: v.array(ipAddress) })),
});

export const requestSchema = v.object({
  id: v.number(),
  ask: v.variant('kind', [
    v.object({
      kind: v.literal('hello'),
      /** The node's own, where they are known. A helper that does not find them is in another's network and refuses. */
      addresses: v.nullable(v.object({ v4: ipAddress, v6: v.exactOptional(ipAddress) })),
    }),
    v.object({ kind: v.literal('set-rules'), ...rules.entries }),
    v.object({ kind: v.literal('counters') }),
    v.object({
      kind: v.literal('probe-send'),
      targets: v.array(v.object({ address: ipAddress, nonce })),
      /** Tokens for each target. */
      count,
      /** Of each token's packet, without headers. */
      bytes: count,
      /** Between two batches of twenty; 0: as fast as it goes. */
      spacingMs: milliseconds,
    }),
    v.object({
      kind: v.literal('probe-heard'),
      /** As soon as that many came under each nonce there is nothing to wait for. */
      expected: v.array(v.object({ nonce, count })),
      waitMs: milliseconds,
    }),
    v.object({
      kind: v.literal('probe-connect'),
      targets: v.array(v.object({ address: ipAddress, nonce })),
      waitMs: milliseconds,
    }),
    /** Takes every rule away and stays when the controller goes. */
    v.object({ kind: v.literal('keep') }),
  ]),
});

const helperAbility = v.picklist([
  'drop',
  'reset',
  'loss',
  'limit',
  'delay',
  'duplicate',
  'reorder',
  'cut-clients',
]);

export const helloSchema = v.object({
  interface: v.string(),
  /** All that the interface has, those of the link included. */
  addresses: v.array(v.string()),
  /** Why it cannot be done, null: it can. */
  lacks: v.record(helperAbility, v.nullable(v.string())),
  /** The programs that do it. */
  firewall: v.object({ v4: v.nullable(v.string()), v6: v.nullable(v.string()) }),
});

export const rulesSetSchema = v.object({ tookMs: v.number() });

/** Packets that met a rule since it came into force, by its name. Rules of queues are not counted. */
export const countersSchema = v.record(name, v.number());

/** Why a token could not be sent, by nonce. */
export const sentSchema = v.object({ errors: v.record(v.string(), v.string()) });

/** A token that came: its number, how long it was under way in milliseconds, and its bytes. */
const arrival = v.tuple([v.number(), v.number(), v.number()]);

export const heardSchema = v.object({
  /** A token of its own, to itself, came: silence is silence. */
  control: v.boolean(),
  /** How long it was listened for. */
  waitedMs: v.number(),
  /** By nonce; without an entry nothing came. */
  arrivals: v.record(v.string(), v.array(arrival)),
});

const connecting = v.object({
  outcome: v.picklist(['answered', 'silent', 'reset', 'refused', 'failed']),
  /** Until the outcome. */
  ms: v.number(),
  /** The system's word where there is one. */
  code: v.optional(v.string()),
});

export const connectedSchema = v.object({
  /** By nonce. */
  connections: v.record(v.string(), connecting),
});

export const messageSchema = v.union([
  v.object({ id: v.number(), result: v.unknown() }),
  v.object({ id: v.number(), error: v.string() }),
]);

export type Request = v.InferOutput<typeof requestSchema>;
export type Ask = Request['ask'];
export type AskOf<Kind extends Ask['kind']> = Extract<Ask, { kind: Kind }>;
export type Rules = v.InferOutput<typeof rules>;
export type HearingRule = v.InferOutput<typeof hearingRule>;
export type SayingRule = v.InferOutput<typeof sayingRule>;
export type HelperAbility = v.InferOutput<typeof helperAbility>;
export type Hello = v.InferOutput<typeof helloSchema>;
export type Sent = v.InferOutput<typeof sentSchema>;
export type Arrival = v.InferOutput<typeof arrival>;
export type Heard = v.InferOutput<typeof heardSchema>;
export type Connecting = v.InferOutput<typeof connecting>;
export type Connected = v.InferOutput<typeof connectedSchema>;
export type HelperMessage = v.InferOutput<typeof messageSchema>;

export const noRules: Rules = { hears: [], says: [], clientsCut: null };

/** A message as its line. The two separators are legal within JSON, but readers of lines break there. */
export function lineOf(message: Request | HelperMessage): string {
  const json = JSON.stringify(message).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
  return `${json}\n`;
}
