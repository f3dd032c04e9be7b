// The certificate of a valid verdict on a plain register, checked: a replay like `faultInOrder`, but on the columns of the
// history, where equal values have equal numbers. It reads nothing that was derived from them, and shares no code with the
// algorithms or with the split.

import { ABSENT } from '../dictionary.ts';
import type { History } from '../history.ts';
import { typeCode } from '../history-columns.ts';
import type { Json } from '../json.ts';

/** What `f` of an invocation asks for. */
interface Functions {
  readonly read: number;
  readonly write: number;
  readonly cas: number;
}

/**
 * What is wrong with `order` (rows) as a linearization of the operations invoked at `invocations` (by row), or undefined
 * when nothing is. It refuses and accepts the same as `faultInOrder` does with the model of that register.
 */
export function faultInColumns(
  history: History,
  initial: Json | undefined,
  invocations: Int32Array,
  order: ArrayLike<number>,
): string | undefined {
  const { columns, dictionary, found } = history.raw;
  const { type, partner, f, value } = columns;
  const { read, write, cas } = functionsOf(history);
  let state = dictionary.intern(initial);
  const { pairs } = dictionary;
  const size = invocations.length;
  const placed = new Uint8Array(size);
  let latestInvocation = -1;
  for (let i = 0; i < order.length; i++) {
    const row = order[i] as number;
    if (!(row >= 0 && row < size)) return `row ${row} is not in the part`;
    const index = invocations[row] as number;
    if (placed[row] === 1) return `operation ${index} is placed twice`;
    placed[row] = 1;
    const completion = partner[index] as number;
    const outcome = completion === ABSENT ? typeCode.info : (type[completion] as number);
    if (outcome !== typeCode.info && completion < latestInvocation) {
      return `operation ${index} is placed after one that was invoked only when it had completed`;
    }
    if (index > latestInvocation) latestInvocation = index;

    const call = f[index] as number;
    const asked = value[index] as number;
    if (outcome === typeCode.fail) {
      const seen = found.get(completion);
      if (seen === undefined) return `operation ${index} had no effect and saw nothing: it has no place`;
      if (seen !== state) return illegal(history, index, 'found', seen, state);
      if (call === cas && pairs[asked * 2] === state) {
        return `operation ${index} is not legal at its place: it was refused for finding what it asked for`;
      }
    } else if (call === write) {
      state = asked;
    } else if (call === cas) {
      const from = pairs[asked * 2] as number;
      if (from === state) state = pairs[asked * 2 + 1] as number;
      else if (outcome === typeCode.ok) return illegal(history, index, 'needed', from, state);
    } else if (call !== read) {
      return `operation ${index} is not one of a register`;
    } else if (outcome === typeCode.ok && value[completion] !== state) {
      return illegal(history, index, 'read', value[completion] as number, state);
    }
  }
  for (let row = 0; row < size; row++) {
    if (placed[row] === 1) continue;
    const index = invocations[row] as number;
    const completion = partner[index] as number;
    if (completion !== ABSENT && type[completion] !== typeCode.info) {
      return `operation ${index} completed but is not in the order`;
    }
  }
  return undefined;
}

function functionsOf(history: History): Functions {
  const [read, write, cas] = ['read', 'write', 'cas'].map((name) => history.raw.dictionary.intern(name));
  return { read, write, cas } as Functions;
}

function illegal(history: History, index: number, verb: string, seen: number, state: number): string {
  const text = (id: number): string => JSON.stringify(history.raw.dictionary.get(id)) ?? 'absent';
  return `operation ${index} is not legal at its place: it ${verb} ${text(seen)} where the value was ${text(state)}`;
}
