// What the controller and its agent say to each other: JSON, a line each, requests on the agent's standard input,
// replies and events on its standard output.

import * as v from 'valibot';

const name = v.string();
const pid = v.pipe(v.number(), v.integer(), v.minValue(1));
const milliseconds = v.pipe(v.number(), v.minValue(0));
const address = v.object({ host: v.string(), port: v.number() });

const linkRule = v.variant('kind', [
  v.object({ kind: v.literal('drop') }),
  v.object({ kind: v.literal('reset') }),
  v.object({ kind: v.literal('delay'), delayMs: milliseconds, jitterMs: v.exactOptional(milliseconds) }),
  v.object({ kind: v.literal('limit'), bytesPerSecond: v.pipe(v.number(), v.gtValue(0)) }),
]);

/** What a proxy can do to a stream. */
export type ProxyRule = v.InferOutput<typeof linkRule>;

const link = v.object({ from: name, to: name });

export const requestSchema = v.object({
  id: v.number(),
  ask: v.variant('kind', [
    v.object({
      kind: v.literal('up'),
      nodes: v.array(name),
      ports: v.array(name),
      /** The run folder, absolute. */
      directory: v.string(),
      owner: v.object({ pid, startedAt: v.string() }),
      portRange: v.object({ from: v.number(), to: v.number() }),
      seed: v.number(),
    }),
    v.object({
      kind: v.literal('start'),
      node: name,
      argv: v.array(v.string()),
      env: v.record(v.string(), v.string()),
      workingDirectory: v.string(),
      logFile: v.string(),
    }),
    v.object({
      kind: v.literal('signal'),
      node: name,
      signal: v.picklist(['SIGKILL', 'SIGTERM', 'SIGSTOP', 'SIGCONT', 'SIGINT']),
      limitMs: milliseconds,
    }),
    v.object({
      kind: v.literal('set-rules'),
      rules: v.array(v.object({ ...link.entries, rule: v.nullable(linkRule) })),
    }),
    v.object({
      kind: v.literal('probe'),
      links: v.array(link),
      limitMs: milliseconds,
      /** How much each probe carries to the far end; the answer is short always. */
      payloadBytes: v.number(),
    }),
    v.object({ kind: v.literal('end') }),
  ]),
});

/** Where everything listens. */
export const placesSchema = v.object({
  /** By node, by port name. */
  direct: v.record(name, v.record(name, address)),
  /** By the node that speaks, the node spoken to, the port name. */
  peers: v.record(name, v.record(name, v.record(name, address))),
});

export const startedSchema = v.object({ pid, startedAt: v.string() });

/** What one probe of a link saw. Times are milliseconds from when it was sent. */
export const probedSchema = v.object({
  ...link.entries,
  /** The proxy took the connection. Without this, silence says nothing. */
  connected: v.boolean(),
  /** The node's echo server answers to a connection that goes through no link: the probe's own soundness. */
  control: v.boolean(),
  /** When it arrived at `to`; null if it did not within the time limit. */
  arrivedMs: v.nullable(v.number()),
  /** When the answer was back at `from`. */
  answeredMs: v.nullable(v.number()),
  reset: v.boolean(),
  /** How long it was looked for. */
  waitedMs: v.number(),
});

export const endedSchema = v.object({ leftovers: v.array(v.string()) });

export const eventSchema = v.object({
  event: v.literal('exit'),
  node: name,
  pid,
  code: v.nullable(v.number()),
  signal: v.nullable(v.string()),
  /** A signal of ours was under way that ends programs. */
  expected: v.boolean(),
  lastWords: v.string(),
});

export const messageSchema = v.union([
  v.object({ id: v.number(), result: v.unknown() }),
  v.object({ id: v.number(), error: v.object({ message: v.string(), node: v.optional(name) }) }),
  eventSchema,
]);

export type Request = v.InferOutput<typeof requestSchema>;
export type Ask = Request['ask'];
export type AskOf<Kind extends Ask['kind']> = Extract<Ask, { kind: Kind }>;
export type Places = v.InferOutput<typeof placesSchema>;
export type Started = v.InferOutput<typeof startedSchema>;
export type Probed = v.InferOutput<typeof probedSchema>;
export type Ended = v.InferOutput<typeof endedSchema>;
export type ExitEvent = v.InferOutput<typeof eventSchema>;
export type AgentMessage = v.InferOutput<typeof messageSchema>;

/** A message as its line. The two separators are legal within JSON, but readers of lines break there. */
export function lineOf(message: Request | AgentMessage): string {
  const json = JSON.stringify(message).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
  return `${json}\n`;
}
