// What every checker gets and gives, and how verdicts are joined.

import type { Counterexample } from './counterexample.ts';
import { HeapGuard, heapLimitBytes } from './heap-guard.ts';
import type { History } from './history.ts';
import type { Json } from './json.ts';

/** In rising gravity; a whole is as bad as its worst part. */
export type Validity = 'valid' | 'unknown' | 'invalid';

export type GaveUp = 'time' | 'memory' | 'interrupted';

/** How much a check may cost. Asked in the search, since a search blocks the event loop and no timer could fire. */
export interface Budget {
  /**
   * Why to stop now, or undefined to go on. `bytes` is what the asker holds by its own count; whoever is about to grow asks
   * with what he would hold then.
   */
  giveUp(bytes: number): GaveUp | undefined;
  /** One pool for all threads that judge, in bytes; absent: no limit, or only `giveUp` knows it. */
  readonly memoryBytes?: number;
  /** What was allowed of that which ran out, as in "2,048 MB allowed"; undefined where nothing was. */
  allowance?(cause: GaveUp): string | undefined;
}

export interface CheckResult {
  readonly validity: Validity;
  /** One sentence, which a stranger understands without the rest. */
  readonly summary: string;
  readonly details?: Json;
  readonly parts?: Readonly<Record<string, CheckResult>>;
  /** Why it is invalid: worst first. */
  readonly counterexamples?: readonly Counterexample[];
}

export interface Checker {
  readonly name: string;
  check(history: History, budget: Budget): Promise<CheckResult>;
}

const gravity: Record<Validity, number> = { valid: 0, unknown: 1, invalid: 2 };

/** The worst of them. Of nothing it is unknown: what was never checked is not valid. */
export function worst(validities: Iterable<Validity>): Validity {
  let result: Validity | undefined;
  for (const validity of validities) {
    if (result === undefined || gravity[validity] > gravity[result]) result = validity;
  }
  return result ?? 'unknown';
}

/** Each checker on the same history; a checker that throws is an unknown part that says so, never a pass. */
export function compose(checkers: Readonly<Record<string, Checker>>): Checker {
  return {
    name: 'compose',
    async check(history, budget) {
      const parts: Record<string, CheckResult> = {};
      for (const [name, checker] of Object.entries(checkers)) {
        parts[name] = await checkSafely(checker, history, budget);
      }
      return join(parts);
    },
  };
}

async function checkSafely(checker: Checker, history: History, budget: Budget): Promise<CheckResult> {
  try {
    return await checker.check(history, budget);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return {
      validity: 'unknown',
      summary: `the checker ${checker.name} broke: ${text.split('\n')[0] ?? ''}`,
      details: { stack: text },
    };
  }
}

/** Several results as one: the worst validity, the sentences of the parts that decided it. */
export function join(parts: Readonly<Record<string, CheckResult>>): CheckResult {
  const results = Object.values(parts);
  const validity = worst(results.map((part) => part.validity));
  const summaries = results.filter((part) => part.validity === validity).map((part) => part.summary);
  const counterexamples = results.flatMap((part) => part.counterexamples ?? []);
  return {
    validity,
    summary: results.length === 0 ? 'nothing was checked' : summaries.join('; '),
    parts,
    ...(counterexamples.length > 0 ? { counterexamples } : {}),
  };
}

/**
 * A budget of wall time from now and of bytes, and an outside wish to stop. The time is `timeMs` milliseconds. Whatever the
 * limits, memory has run out when the heap of Node.js is nearly full: a verdict that says so is better than a dead process.
 */
export function budget(limits: {
  timeMs?: number;
  memoryBytes?: number;
  interrupted?: () => boolean;
}): Budget {
  const { timeMs, memoryBytes } = limits;
  const deadline = timeMs === undefined ? Infinity : performance.now() + timeMs;
  const heap = new HeapGuard();
  let heapWasFull = false;
  return {
    giveUp(bytes) {
      if (limits.interrupted?.() === true) return 'interrupted';
      if (bytes > (memoryBytes ?? Infinity)) return 'memory';
      const now = performance.now();
      if (heap.isFull(now)) {
        heapWasFull = true;
        return 'memory';
      }
      return now > deadline ? 'time' : undefined;
    },
    allowance(cause) {
      if (cause === 'time') return timeMs === undefined ? undefined : `${inSeconds(timeMs)} s allowed`;
      if (cause !== 'memory') return undefined;
      if (heapWasFull) return `${inMegabytes(heapLimitBytes())} MB of heap allowed by Node.js`;
      return memoryBytes === undefined ? undefined : `${inMegabytes(memoryBytes)} MB allowed`;
    },
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  };
}

function inSeconds(ms: number): string {
  return (ms / 1000).toLocaleString('en-US', { maximumFractionDigits: 3 });
}

function inMegabytes(bytes: number): string {
  return (bytes / 2 ** 20).toLocaleString('en-US', { maximumFractionDigits: bytes < 2 ** 20 ? 3 : 0 });
}
