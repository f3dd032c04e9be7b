// One nemesis out of several. It routes calls, keeps a hung fault from hanging the run, and restores in the right order.

import type { Json } from '../../checkers/json.ts';
import { reasonOf } from './fault-context.ts';
import type { FaultBand, FaultOutcome, Nemesis } from './nemesis.ts';
import { inTime, type Timer } from './timer.ts';

/** A fault is one; a nemesis without a schedule of its own needs a name only. */
export interface NamedNemesis {
  readonly name: string;
  readonly nemesis: Nemesis;
  readonly band?: FaultBand;
}

export interface ComposeOptions {
  readonly timer: Timer;
  /** For one call, and for the restore of one part, unless the part has a limit of its own. */
  readonly timeoutMs: number;
  /** Calls that a plan is going to make. */
  readonly calls?: readonly string[];
}

/** Throws when two parts answer to the same call, or none to a call that the plan or a part's band names. */
export function composeNemesis(parts: readonly NamedNemesis[], options: ComposeOptions): Nemesis {
  const routes = routesOf(parts, options.calls ?? []);
  let restoring: Promise<FaultOutcome> | undefined;
  return {
    fs: [...routes.keys()],
    async invoke(call, signal) {
      const part = routes.get(call.f);
      if (part === undefined) return failed(`no fault answers to "${call.f}"`);
      return part.run(call.f, (late) => part.nemesis.invoke(call, late), signal);
    },
    async restore() {
      restoring ??= restoreAll([...new Set(routes.values())]).finally(() => {
        restoring = undefined;
      });
      return restoring;
    },
  };

  function routesOf(parts: readonly NamedNemesis[], calls: readonly string[]): ReadonlyMap<string, Part> {
    const routes = new Map<string, Part>();
    for (const named of parts) {
      const part = new Part(named, options);
      for (const f of named.nemesis.fs) {
        const other = routes.get(f);
        if (other !== undefined) {
          throw new Error(`both ${other.name} and ${named.name} answer to the nemesis call "${f}"`);
        }
        routes.set(f, part);
      }
    }
    const named = parts.flatMap(({ band }) => (band === undefined ? [] : [...band.from, ...band.to]));
    for (const f of [...named, ...calls]) {
      if (!routes.has(f)) throw new Error(`no fault answers to the nemesis call "${f}"`);
    }
    return routes;
  }
}

/** One after the other, since each relies on what comes before it; a failure keeps none of the others from its turn. */
async function restoreAll(parts: readonly Part[]): Promise<FaultOutcome> {
  const inOrder = parts.toSorted((a, b) => a.restoreOrder - b.restoreOrder);
  const outcomes: [string, FaultOutcome][] = [];
  for (const part of inOrder) {
    outcomes.push([part.name, await part.run('restore', () => part.nemesis.restore())]);
  }
  const evidence = Object.fromEntries(
    outcomes.map(([name, outcome]) => [name, { ...outcome } satisfies Json]),
  );
  const failures = outcomes.filter(([, outcome]) => outcome.status === 'failed');
  if (failures.length > 0) {
    const reason = failures.map(([name, outcome]) => `${name}: ${outcome.reason ?? 'failed'}`).join('; ');
    return { status: 'failed', reason, evidence };
  }
  if (outcomes.some(([, outcome]) => outcome.status === 'applied')) return { status: 'applied', evidence };
  return { status: 'skipped', reason: 'there was nothing to restore', evidence };
}

/** A part does one thing at a time: what comes late is waited for before the next, or a restore would be overtaken. */
class Part {
  readonly name: string;
  readonly nemesis: Nemesis;
  readonly restoreOrder: number;
  readonly #timer: Timer;
  readonly #limitMs: number;
  #underWay: { readonly what: string; readonly end: Promise<unknown> } | undefined;

  constructor({ name, nemesis }: NamedNemesis, { timer, timeoutMs }: ComposeOptions) {
    this.name = name;
    this.nemesis = nemesis;
    this.restoreOrder = nemesis.restoreOrder ?? Infinity;
    this.#timer = timer;
    this.#limitMs = nemesis.timeoutMs ?? timeoutMs;
  }

  async run(
    what: string,
    work: (signal: AbortSignal) => Promise<FaultOutcome>,
    signal?: AbortSignal,
  ): Promise<FaultOutcome> {
    const within = (work: (signal: AbortSignal) => Promise<FaultOutcome>) =>
      inTime(this.#timer, this.#limitMs, work, signal);
    const before = this.#underWay;
    if (before !== undefined) {
      const ended = await within(() => before.end.then(() => nothing));
      if (ended === undefined && what !== 'restore') return failed(`"${before.what}" is still under way`);
    }
    const outcome = await within((late) => {
      const end = work(late).catch((error: unknown) => failed(reasonOf(error)));
      const underWay = { what, end };
      this.#underWay = underWay;
      return end.finally(() => {
        if (this.#underWay === underWay) this.#underWay = undefined;
      });
    });
    if (outcome !== undefined) return outcome;
    const inPart = `"${what}" may be done in part`;
    if (signal?.aborted !== true) return failed(`no end within ${this.#limitMs} ms; ${inPart}`);
    return { status: 'skipped', reason: `interrupted; ${inPart}`, evidence: {} };
  }
}

const nothing: FaultOutcome = { status: 'skipped', evidence: {} };

function failed(reason: string): FaultOutcome {
  return { status: 'failed', reason, evidence: {} };
}
