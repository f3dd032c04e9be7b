// Whether a run saw enough to mean something: every requested fault took effect, and every required function succeeded
// before, during and after faults. It never finds a violation, only that green would be empty.

import type { Checker } from './checker.ts';
import {
  type FaultBandLike,
  type FaultCall,
  type FaultSpan,
  faultCalls,
  faultSpans,
  type Phase,
  phases,
} from './fault-spans.ts';
import type { History } from './history.ts';

export interface CoverageOptions {
  /** Functions without whose success the run is worth nothing. */
  readonly required: readonly string[];
  /** The faults that were requested. */
  readonly faults: readonly FaultBandLike[];
  /** Of the cluster. With one, nothing can succeed while that is down, so success before and after has to do. */
  readonly nodes?: number;
}

/**
 * When an operation was invoked, as the faults go. `during`: a probe had seen a fault, and no heal had begun. `after`:
 * a heal was complete and no fault in any stage. What falls into the time in which a fault comes or goes is none.
 */
const moments = ['before', 'during', 'after'] as const;
type Moment = (typeof moments)[number];

const clauses: Record<Moment, string> = {
  before: 'before the first fault',
  during: 'while a fault was active',
  after: 'after a fault was healed',
};

type Counts = Record<Moment, number>;

interface FaultCounts {
  applied: number;
  skipped: number;
  failed: number;
}

/**
 * Valid or unknown. The operations of set-up (before the phase `warm-up`) and of the phase `final` never count, and
 * only a fault of the phase `main` does. A history without marks of phases is all main phase.
 */
export function coverage(options: CoverageOptions): Checker {
  return {
    name: 'coverage',
    async check(history) {
      const marks = phases(history);
      const spans = faultSpans(history, options.faults);
      const faults = countFaults(faultCalls(history), options.faults, rangeOf(history, marks, ['main']));
      const counted = rangeOf(history, marks, ['warm-up', 'main', 'recovery']);
      const ok = countOk(history, spans, counted);
      const missing =
        ok.size === 0
          ? ['no operation succeeded']
          : [...missingFaults(faults), ...missingFunctions(options, spans, ok)];
      return {
        validity: missing.length === 0 ? 'valid' : 'unknown',
        summary: missing.length === 0 ? praise(options, faults) : missing.join('; '),
        details: {
          faults: Object.fromEntries([...faults].map(([name, counts]) => [name, { ...counts }])),
          ok: Object.fromEntries([...ok].map(([f, counts]) => [f, { ...counts }])),
          missing,
        },
      };
    },
  };
}

interface Range {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** From the first of these phases to the last of them. */
function rangeOf(history: History, marks: readonly Phase[], names: readonly Phase['name'][]): Range {
  if (marks.length === 0) return { from: 0, to: history.length };
  const inside = marks.filter(({ name }) => names.includes(name));
  return { from: inside.at(0)?.index ?? 0, to: inside.at(-1)?.endIndex ?? 0 };
}

function contains({ from, to }: Range, index: number): boolean {
  return index >= from && index < to;
}

function countFaults(
  calls: readonly FaultCall[],
  bands: readonly FaultBandLike[],
  main: Range,
): Map<string, FaultCounts> {
  const counts = new Map<string, FaultCounts>();
  for (const band of bands) {
    const count: FaultCounts = { applied: 0, skipped: 0, failed: 0 };
    for (const { f, index, outcome } of calls) {
      if (band.from.includes(f) && contains(main, index)) count[outcome.status]++;
    }
    counts.set(band.name, count);
  }
  return counts;
}

/** Operations that succeeded, by f and the moment of their invocation. */
function countOk(history: History, spans: readonly FaultSpan[], counted: Range): Map<string, Counts> {
  const counts = new Map<string, Counts>();
  const momentAt = momentsOf(spans);
  for (let index = 0; index < counted.to; index++) {
    const moment = momentAt(index);
    if (index < counted.from || history.isNemesis(index) || history.type(index) !== 'invoke') continue;
    const completion = history.partner(index);
    if (completion === -1 || history.type(completion) !== 'ok') continue;
    const f = history.f(index);
    let count = counts.get(f);
    if (count === undefined) counts.set(f, (count = { before: 0, during: 0, after: 0 }));
    if (moment !== undefined) count[moment]++;
  }
  return counts;
}

/** The moment of each index, asked in rising order: the ends of spans are met one after the other. */
function momentsOf(spans: readonly FaultSpan[]): (index: number) => Moment | undefined {
  const changes = spans
    .flatMap(({ startIndex, appliedIndex, healIndex, endIndex }) => [
      { index: startIndex, open: 1, inForce: 0 },
      { index: appliedIndex, open: 0, inForce: 1 },
      { index: healIndex, open: 0, inForce: -1 },
      { index: endIndex, open: -1, inForce: 0 },
    ])
    .filter((change): change is typeof change & { index: number } => change.index !== undefined)
    .sort((a, b) => a.index - b.index);
  let next = 0;
  let open = 0;
  let inForce = 0;
  return (index) => {
    for (
      let change = changes[next];
      change !== undefined && change.index <= index;
      change = changes[++next]
    ) {
      open += change.open;
      inForce += change.inForce;
    }
    if (inForce > 0) return 'during';
    if (open > 0) return undefined;
    return next === 0 ? 'before' : 'after';
  };
}

function missingFaults(faults: ReadonlyMap<string, FaultCounts>): string[] {
  return [...faults]
    .filter(([, { applied }]) => applied === 0)
    .map(([name, { skipped, failed }]) => {
      const tries = skipped + failed;
      return tries === 0
        ? `${name} was never tried in the main phase`
        : `${name} never took effect in the main phase (${skipped} skipped, ${failed} failed)`;
    });
}

function missingFunctions(
  { required, faults, nodes }: CoverageOptions,
  spans: readonly FaultSpan[],
  ok: ReadonlyMap<string, Counts>,
): string[] {
  return required.flatMap((f) => {
    const counts = ok.get(f);
    if (counts === undefined) return [`no ${f} succeeded`];
    // That there was no fault at all is said already, once.
    if (faults.length === 0 || spans.length === 0) return [];
    return moments
      .filter((moment) => counts[moment] === 0 && !(nodes === 1 && moment === 'during'))
      .map((moment) => `no ${f} succeeded ${clauses[moment]}`);
  });
}

function praise({ required, nodes }: CoverageOptions, faults: ReadonlyMap<string, FaultCounts>): string {
  const functions = required.length === 0 ? 'no function was required' : `${required.join(', ')} succeeded`;
  if (faults.size === 0) return functions;
  const seen = [...faults].map(([name, { applied }]) => `${name} (${applied})`).join(', ');
  const when = nodes === 1 ? 'before and after faults, of one node' : 'before, during and after faults';
  return `${functions} ${when}; applied: ${seen}`;
}
