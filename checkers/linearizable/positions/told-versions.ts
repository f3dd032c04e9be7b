// Versioned registers: n at the cost of one pass, where the versions told and the values leave no doubt who made which.
//
// A version is a position: with v the version at the start, the writer of version k is at 2(k - v) - 1 and all who saw it
// are at 2(k - v). What is known of a version's value is claimed by those who saw it, by its writer, and by the cas that
// replaced it; two claims that differ leave no order. A version that nobody told to have written was written by one whose
// version is not known (crashed, or it told none) and whose value fits; where as many fit as are needed, and that is one,
// it was this one. Completed writes without a version that are left over come after the last version known, and crashed
// ones are left out. Where anything else is possible it is left to others, but whatever is placed is placed for certain,
// so an order in real time that contradicts it is a violation in any case.

import { type Json, sameValue } from '../../json.ts';
import { casPair } from '../../models/cas-register.ts';
import { registerKey } from '../../models/register.ts';
import { type VersionedState, versionedRegister } from '../../models/versioned-register.ts';
import type { Call, Operation } from '../../op.ts';
import { NONE } from '../problem.ts';
import { placed } from './by-position.ts';
import { type Reader, type Reading, readOff } from './read-off.ts';

export const toldVersions = readOff('told-versions', versionedRegister(), (operations, initial) => {
  const told = operations.map(toldBy);
  // Without versions nothing can be read off.
  if (!told.some(({ kind }) => kind === 'made' || kind === 'saw')) return undefined;
  return readerOf(operations, told, initial);
});

/** What an operation is known to have done once it has completed. */
type Told =
  | { readonly kind: 'saw'; readonly version: number; readonly value: Json | undefined }
  | { readonly kind: 'made'; readonly version: number }
  | { readonly kind: 'wrote' }
  | { readonly kind: 'impossible' };

function toldBy({ call, result }: Operation): Told {
  if (result === undefined) return { kind: 'wrote' };
  const pair = casPair(call);
  if (call.f === 'read' || result.mismatch === true) {
    if (result.value === undefined) return { kind: 'saw', version: 0, value: undefined };
    const seen = versioned(result.value);
    if (seen === undefined || (pair !== undefined && sameValue(seen[1], pair[0])))
      return { kind: 'impossible' };
    return { kind: 'saw', version: seen[0], value: seen[1] };
  }
  const value = valueOf(call);
  const isRepeated = pair === undefined && sameValue(result.value, value);
  if (result.value === undefined || isRepeated) return { kind: 'wrote' };
  const made = versioned(result.value);
  return made !== undefined && sameValue(made[1], value)
    ? { kind: 'made', version: made[0] }
    : { kind: 'impossible' };
}

/** What a write or a cas that succeeds leaves. */
function valueOf(call: Call): Json | undefined {
  const pair = casPair(call);
  return pair === undefined ? call.value : pair[1];
}

function versioned(value: Json): readonly [version: number, value: Json] | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [version, of] = value as [Json, Json];
  return Number.isSafeInteger(version) ? [version as number, of] : undefined;
}

function readerOf(operations: readonly Operation[], told: readonly Told[], initial: VersionedState): Reader {
  return (end) => new Versions(operations, told, initial, end).read();
}

/** What is known when the history has come to `end`. */
class Versions {
  readonly #operations: readonly Operation[];
  readonly #told: readonly Told[];
  readonly #end: number;
  readonly #first: number;
  readonly #initial: Json | undefined;
  /** By version, less the first: who claimed its value first (NONE: nobody, or it was there at the start), and the value. */
  readonly #claimant: Int32Array;
  readonly #value: (Json | undefined)[] = [];
  readonly #writer: Int32Array;
  /** By row: the version that it saw or made, less the first; NONE where that is not known. */
  readonly #version: Int32Array;
  /** Rows of writes and cas that may have taken effect and told no version. */
  readonly #silent: number[] = [];
  #last = 0;

  constructor(operations: readonly Operation[], told: readonly Told[], initial: VersionedState, end: number) {
    this.#operations = operations;
    this.#told = told;
    this.#end = end;
    this.#first = initial?.[0] ?? 0;
    this.#initial = initial?.[1];
    const most = operations.length + 1;
    this.#claimant = new Int32Array(most).fill(NONE);
    this.#writer = new Int32Array(most).fill(NONE);
    this.#version = new Int32Array(operations.length).fill(NONE);
  }

  read(): Reading {
    const bad = this.#takeIn();
    if (bad !== undefined) return { found: 'none', rows: bad };
    const outcome = this.#assign();
    if (typeof outcome !== 'boolean') return { found: 'none', rows: outcome };
    let isClear = outcome;
    const positions = new Int32Array(this.#operations.length).fill(NONE);
    for (let row = 0; row < this.#version.length; row++) {
      const version = this.#version[row] as number;
      if (version !== NONE) positions[row] = 2 * version + (this.#writer[version] === row ? 0 : 1);
    }
    // Only when every version has its writer are the other writes sure to come later.
    const tail = 2 * this.#last + 2;
    for (const row of this.#silent) {
      if (this.#version[row] !== NONE || !this.#isDone(row)) continue;
      if (casPair(this.#operation(row).call) !== undefined) isClear = false;
      else if (outcome) positions[row] = tail;
    }
    const placing = placed(this.#operations, positions, tail + 1, this.#end);
    if ('earlier' in placing) return { found: 'none', rows: this.#pair(placing.earlier, placing.later) };
    return isClear ? { found: 'order', order: placing.order } : { found: 'unclear' };
  }

  #operation(row: number): Operation {
    return this.#operations[row] as Operation;
  }

  #isDone(row: number): boolean {
    const { completedAt } = this.#operation(row);
    return completedAt !== Infinity && completedAt <= this.#end;
  }

  /** What was told; rows that contradict each other, if any do. */
  #takeIn(): Iterable<number> | undefined {
    this.#value[0] = this.#initial;
    for (let row = 0; row < this.#operations.length; row++) {
      const { call, result, invokedAt } = this.#operation(row);
      if (invokedAt > this.#end) break;
      if (!this.#isDone(row)) {
        // What will be refused changes nothing, whenever that becomes known.
        if (call.f !== 'read' && result?.mismatch !== true) this.#silent.push(row);
        continue;
      }
      const told = this.#told[row] as Told;
      if (told.kind === 'wrote') this.#silent.push(row);
      else if (told.kind === 'impossible') return [row];
      else {
        const bad = this.#know(row, told.version - this.#first, told);
        if (bad !== undefined) return bad;
      }
    }
    return undefined;
  }

  #know(row: number, version: number, told: Told): Iterable<number> | undefined {
    const isMade = told.kind === 'made';
    if (version < (isMade ? 1 : 0)) return [row];
    // More versions than there are calls that could have made them.
    if (version >= this.#claimant.length) return this.#with([row], Infinity);
    this.#version[row] = version;
    this.#last = Math.max(this.#last, version);
    if (told.kind === 'saw') return this.#claim(version, told.value, row);
    const writer = this.#writer[version] as number;
    if (writer !== NONE) return this.#pair(writer, row);
    return this.#write(version, row);
  }

  /** The row made this version: what that says of the value, and of the one before. */
  #write(version: number, row: number): Iterable<number> | undefined {
    this.#writer[version] = row;
    this.#version[row] = version;
    const { call } = this.#operation(row);
    const pair = casPair(call);
    const before = pair === undefined ? undefined : this.#claim(version - 1, pair[0], row);
    return before ?? this.#claim(version, valueOf(call), row);
  }

  #claim(version: number, value: Json | undefined, row: number): Iterable<number> | undefined {
    const isKnown = version === 0 || this.#claimant[version] !== NONE;
    if (isKnown) {
      const other = this.#claimant[version] as number;
      if (sameValue(this.#value[version], value)) return undefined;
      return this.#pair(row, other === NONE ? row : other);
    }
    this.#claimant[version] = row;
    this.#value[version] = value;
    return undefined;
  }

  /** Finds the writers that are not told; whether all are found, or rows that show that one cannot be. */
  #assign(): boolean | Iterable<number> {
    const open: number[] = [];
    let isClear = true;
    for (let version = 1; version <= this.#last; version++) {
      if (this.#writer[version] !== NONE) continue;
      if (this.#silent.length === 0) {
        return this.#with([this.#version.findIndex((known) => known >= version)], Infinity);
      }
      if (this.#claimant[version] === NONE) isClear = false;
      else open.push(version);
    }
    const writers = new Map<string | number, number[]>();
    for (const row of this.#silent) {
      const { call } = this.#operation(row);
      const key = registerKey(valueOf(call));
      const rows = writers.get(key);
      if (rows === undefined) writers.set(key, [row]);
      else rows.push(row);
    }
    const needed = new Map<string | number, number[]>();
    for (const version of open) {
      const key = registerKey(this.#value[version]);
      const versions = needed.get(key);
      if (versions === undefined) needed.set(key, [version]);
      else versions.push(version);
    }
    for (const [key, versions] of needed) {
      const rows = writers.get(key) ?? [];
      const [version, row] = [versions[0] as number, rows[0]];
      if (rows.length < versions.length || row === undefined) {
        const seen = versions.map((each) => this.#claimant[each] as number);
        return this.#with(seen, versions.at(-1) as number);
      }
      if (rows.length > 1) {
        isClear = false;
        continue;
      }
      const bad = this.#write(version, row);
      if (bad !== undefined) return bad;
    }
    return isClear;
  }

  /**
   * The rows, with all who may have made versions up to this one, and those who show which of these somebody made who
   * told no version. Who is known to have made a later one comes after all of them in every order, so it may be left out,
   * unless it is needed to know that it was not somebody else.
   */
  #with(rows: readonly number[], version: number): Set<number> {
    const all = new Set(rows);
    const doubtful = new Set<string | number>();
    for (let each = 1; each <= Math.min(version, this.#last); each++) {
      const [writer, claimant] = [this.#writer[each] as number, this.#claimant[each] as number];
      const isTold = writer !== NONE && this.#isDone(writer) && this.#told[writer]?.kind === 'made';
      if (isTold || claimant === NONE) continue;
      all.add(claimant);
      doubtful.add(registerKey(this.#value[each]));
    }
    for (let row = 0; row < this.#operations.length; row++) {
      const { call, result, invokedAt } = this.#operation(row);
      if (invokedAt > this.#end) break;
      if (call.f === 'read' || result?.mismatch === true) continue;
      if ((this.#version[row] as number) <= version || doubtful.has(registerKey(valueOf(call)))) all.add(row);
    }
    return all;
  }

  /** Two rows of known versions, with what makes these. */
  #pair(one: number, other: number): Set<number> {
    return this.#with([one, other], Math.max(this.#version[one] as number, this.#version[other] as number));
  }
}
