// Finds what is wrong with a model: calls drawn at random are stepped through, and everything that a search relies on is
// tried on the states that come of it. It finds faults, and proves that there are none as little as any test does.

import { canonicalJson } from '../json.ts';
import type { Done, Model, Step } from '../model.ts';
import type { Call, Result } from '../op.ts';

export interface ModelTrial {
  /** Calls that may be asked of the object: few values, so that calls meet. */
  readonly calls: readonly Call[];
  /** What a call may tell; that it told no value, and that nothing is known of it, are tried anyway. */
  readonly results?: (call: Call) => readonly Result[];
  /** The same seed draws the same walks; 1 when left out. */
  readonly seed?: number;
  /** Walks from the initial state, of eight steps each; 200 when left out. */
  readonly cases?: number;
}

export type FindingKind =
  | 'throws'
  | 'not total'
  | 'not deterministic'
  | 'changes its argument'
  | 'one key for different states'
  | 'observer changes'
  | 'move disagrees'
  | 'parts overlap'
  | 'commutes wrongly';

export interface Finding {
  readonly kind: FindingKind;
  /** What was seen, with the state and the calls. */
  readonly sentence: string;
}

const STEPS = 8;
/** States that pairs of calls and all answers are tried on; two of one key for each of them at most. */
const MOST_STATES = 30;
const MOST_ACTIONS = 80;

/**
 * What is wrong with the model, one finding of a kind; none where nothing was found. Two states may have different keys
 * and still behave the same: that makes searches slower, not wrong, and is not looked for.
 */
export function checkModel<State>(model: Model<State>, trial: ModelTrial): Finding[] {
  return new Trial(model, trial).run();
}

/** Throws an Error with all findings, where there are any. */
export function assertModel<State>(model: Model<State>, trial: ModelTrial): void {
  const findings = checkModel(model, trial);
  if (findings.length === 0) return;
  throw new Error(`the model ${model.name}: ${findings.map(({ sentence }) => sentence).join('; ')}`);
}

/** A step's outcome as text: the key of the state that it leaves, or that it is illegal. */
type After = string;

class Trial<State> {
  readonly #model: Model<State>;
  readonly #actions: readonly Done[];
  readonly #random: () => number;
  readonly #cases: number;
  readonly #findings = new Map<FindingKind, Finding>();
  /** By key: states that came about on different ways. */
  readonly #states = new Map<string | number, State[]>();

  constructor(model: Model<State>, { calls, results, seed = 1, cases = 200 }: ModelTrial) {
    this.#model = model;
    const refused = calls.find((call) => model.refuses?.(call) !== undefined);
    if (calls.length === 0) throw new RangeError('no calls to try');
    if (refused !== undefined) throw new RangeError(`the model refuses ${canonicalJson({ ...refused })}`);
    const all = calls.flatMap((call): Done[] => [
      { call },
      { call, result: {} },
      ...(results?.(call) ?? []).map((result) => ({ call, result })),
    ]);
    this.#random = numbers(seed);
    this.#actions = all;
    this.#cases = cases;
  }

  run(): Finding[] {
    try {
      this.#walk();
      const states = [...this.#states.values()].slice(0, MOST_STATES);
      const actions = this.#some();
      for (const [state, ...twins] of states as [State, ...State[]][]) {
        for (const action of actions) this.#tryAction(state, action, twins);
      }
      this.#tryPairs(
        states.map(([state]) => state as State),
        actions,
      );
    } catch (error) {
      if (!(error instanceof Thrown)) throw error;
      this.#find('throws', error.message);
    }
    return [...this.#findings.values()];
  }

  /** Walks that keep to legal steps, so that they get far. */
  #walk(): void {
    for (let walk = 0; walk < this.#cases; walk++) {
      let state = this.#guard('init', () => this.#model.init());
      this.#keep(state);
      for (let step = 0; step < STEPS; step++) {
        const action = this.#actions[Math.floor(this.#random() * this.#actions.length)] as Done;
        const after = this.#step(state, action);
        if (!after.ok) continue;
        state = after.state;
        this.#keep(state);
      }
    }
  }

  #keep(state: State): void {
    const key = this.#key(state);
    const twins = this.#states.get(key);
    if (twins === undefined) this.#states.set(key, [state]);
    else if (twins.length < 3 && !twins.includes(state)) twins.push(state);
  }

  #some(): Done[] {
    const left = [...this.#actions];
    const some: Done[] = [];
    while (left.length > 0 && some.length < MOST_ACTIONS) {
      some.push(...left.splice(Math.floor(this.#random() * left.length), 1));
    }
    return some;
  }

  #tryAction(state: State, action: Done, twins: readonly State[]): void {
    const model = this.#model;
    const before = this.#look(state);
    const first = this.#step(state, action);
    const after = this.#name(first);
    if (this.#look(state) !== before) {
      this.#find('changes its argument', `${tell(action)} changed the state ${before} that it was given`);
      return;
    }
    if (this.#name(this.#step(state, action)) !== after) {
      this.#find('not deterministic', `${tell(action)} after ${before} was answered in two ways`);
      return;
    }
    if (action.result === undefined && !first.ok) {
      this.#find(
        'not total',
        `${tell(action)} is not accepted after ${before}, though its outcome is unknown`,
      );
    }
    if (!first.ok) this.#guard(`why of ${tell(action)}`, first.why);
    for (const twin of twins) {
      if (this.#name(this.#step(twin, action)) === after) continue;
      this.#find(
        'one key for different states',
        `two states have the key ${JSON.stringify(model.key(state))} (${before} and ${this.#look(twin)}), but ${tell(action)} tells them apart`,
      );
    }
    const observes = this.#guard('isObserver', () => model.isObserver(action.call, action.result));
    if (observes && first.ok && after !== this.#legal(state)) {
      this.#find(
        'observer changes',
        `${tell(action)} is called an observer, but makes ${this.#look(first.state)} of ${before}`,
      );
    }
    this.#tryMove(state, action, first);
  }

  /** What a move says of a state: legal or not, and what comes of it. */
  #tryMove(state: State, action: Done, step: Step<State>): void {
    const move = this.#guard('move', () => this.#model.move?.(action.call, action.result));
    if (move === undefined) return;
    const { needs, leaves } = move;
    const fits = needs === undefined || this.#key(needs.state) === this.#key(state);
    const told = this.#legal(fits && leaves !== undefined ? leaves.state : state);
    // Where the state that it needs is there, it may be illegal all the same: then it is in all states.
    const agrees = step.ok
      ? this.#name(step) === told && (fits || action.result === undefined)
      : needs !== undefined;
    if (agrees) return;
    this.#find(
      'move disagrees',
      `the move of ${tell(action)} disagrees with its step after ${this.#look(state)}`,
    );
  }

  #tryPairs(states: readonly State[], actions: readonly Done[]): void {
    const model = this.#model;
    if (model.parts === undefined && model.commutes === undefined) return;
    for (const [i, a] of actions.entries()) {
      for (const b of actions.slice(i)) {
        const apart = this.#areApart(a.call, b.call);
        const hinted = this.#guard(
          'commutes',
          () => model.commutes?.(a, b) === true || model.commutes?.(b, a) === true,
        );
        if (!apart && !hinted) continue;
        const state = states.find((one) => this.#both(one, a, b) !== this.#both(one, b, a));
        if (state === undefined) continue;
        const pair = `${tell(a)} and ${tell(b)} after ${this.#look(state)}`;
        if (apart) this.#find('parts overlap', `the order matters of calls that share no part: ${pair}`);
        if (hinted) this.#find('commutes wrongly', `the order matters of calls that commute: ${pair}`);
      }
    }
  }

  #areApart(a: Call, b: Call): boolean {
    return this.#guard('parts', () => {
      const [ours, theirs] = [this.#model.parts?.(a), this.#model.parts?.(b)];
      return ours !== undefined && theirs !== undefined && !ours.some((name) => theirs.includes(name));
    });
  }

  #both(state: State, first: Done, second: Done): After {
    const between = this.#step(state, first);
    return between.ok ? this.#name(this.#step(between.state, second)) : ILLEGAL;
  }

  #step(state: State, action: Done): Step<State> {
    return this.#guard(tell(action), () => this.#model.step(state, action.call, action.result));
  }

  #key(state: State): string | number {
    return this.#guard('key', () => this.#model.key(state));
  }

  #look(state: State): string {
    return this.#guard('describe', () => `${this.#model.describe(state)}${unlike(this.#key(state))}`);
  }

  #name(step: Step<State>): After {
    return step.ok ? this.#legal(step.state) : ILLEGAL;
  }

  #legal(state: State): After {
    const key = this.#key(state);
    return `${typeof key} ${key}`;
  }

  #guard<T>(what: string, run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw new Thrown(`${what} threw ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #find(kind: FindingKind, sentence: string): void {
    if (!this.#findings.has(kind)) this.#findings.set(kind, { kind, sentence });
  }
}

class Thrown extends Error {}

const ILLEGAL = 'illegal';

/** A description need not tell what a key does. */
function unlike(key: string | number): string {
  return ` (key ${JSON.stringify(key)})`;
}

function tell({ call, result }: Done): string {
  const asked = call.value === undefined ? call.f : `${call.f} ${canonicalJson(call.value)}`;
  if (result === undefined) return `${asked} with an unknown outcome`;
  const told = result.value === undefined ? 'no value' : canonicalJson(result.value);
  return `${asked} that ${result.mismatch === true ? 'was refused and found' : 'told'} ${told}`;
}

/** Numbers in [0, 1) from a 32-bit seed (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  };
}
