// A set of values.

import { canonicalJson, type Json } from '../json.ts';
import { illegal, legal, type Model, type Step } from '../model.ts';
import type { Call, Result } from '../op.ts';
import { initialArray } from './initial.ts';
import { drop, entriesOf, put, sizeOf, type Tree, valueOf } from './sorted-tree.ts';
import { stepUnknown } from './unknown-call.ts';

/** The elements by their canonical text. */
export type SetState = Tree<Json>;

const name = 'set';

/**
 * A model of calls `add` and `remove` (of an element; `true` or `false` tells whether that changed the set, any other value
 * tells nothing), `contains` (of an element; tells `true` or `false`) and `read` (tells all elements in any order; no value:
 * none). `initial` is a list of elements.
 */
export function set(initial?: Json): Model<SetState> {
  let start: SetState;
  for (const element of initialArray(name, initial)) start = put(start, canonicalJson(element), element);
  return {
    name,
    keyed: true,
    init: () => start,
    step,
    key: (state) => elementsOf(state).join(','),
    describe: (state) => `{${elementsOf(state).join(', ')}}`,
    isObserver,
    parts: (call) => (call.f === 'read' ? undefined : [elementText(call)]),
    commutes: ({ call: a }, { call: b }) =>
      takesElement(a) && takesElement(b) && elementText(a) !== elementText(b),
    refuses,
  };
}

function elementsOf(state: SetState): string[] {
  return entriesOf(state).map(([text]) => text);
}

function step(state: SetState, call: Call, result: Result | undefined): Step<SetState> {
  if (result?.mismatch === true) return legal(state);
  if (call.f === 'read') return result === undefined ? legal(state) : readAll(state, result.value);
  const { value } = call;
  if (value === undefined || !takesElement(call)) return stepUnknown(name, state, call, result);
  const text = canonicalJson(value);
  const isIn = valueOf(state, text) !== undefined;
  if (call.f === 'contains') {
    if (result === undefined || result.value === isIn) return legal(state);
    return illegal(
      () => `it was told ${tell(result.value)} of ${text}, which was ${isIn ? '' : 'not '}in it`,
    );
  }
  const changes = isIn === (call.f === 'remove');
  if (typeof result?.value === 'boolean' && result.value !== changes) {
    return illegal(
      () => `its ${call.f} told ${tell(result.value)} where ${text} was ${isIn ? '' : 'not '}in it`,
    );
  }
  if (!changes) return legal(state);
  return legal(call.f === 'add' ? put(state, text, value) : drop(state, text));
}

function readAll(state: SetState, seen: Json | undefined): Step<SetState> {
  const why = () => `it read ${tell(seen)} where the set was {${elementsOf(state).join(', ')}}`;
  if (seen === undefined) return state === undefined ? legal(state) : illegal(why);
  if (!Array.isArray(seen) || seen.length !== sizeOf(state)) return illegal(why);
  const texts = new Set((seen as readonly Json[]).map(canonicalJson));
  if (texts.size !== seen.length) return illegal(why);
  for (const text of texts) if (valueOf(state, text) === undefined) return illegal(why);
  return legal(state);
}

function tell(value: Json | undefined): string {
  return value === undefined ? 'nothing' : canonicalJson(value);
}

function elementText({ value }: Call): string {
  return value === undefined ? '' : canonicalJson(value);
}

function takesElement({ f }: Call): boolean {
  return f === 'add' || f === 'remove' || f === 'contains';
}

/** An add or a remove that says it changed nothing has changed nothing. */
function isObserver(call: Call, result: Result | undefined): boolean {
  if (call.f === 'read' || call.f === 'contains' || result?.mismatch === true) return true;
  return result?.value === false;
}

function refuses(call: Call): string | undefined {
  if (call.f === 'read') return undefined;
  if (!takesElement(call)) return 'a set has add, remove, contains and read only';
  return call.value === undefined
    ? `${call.f === 'add' ? 'an add' : `a ${call.f}`} needs a value`
    : undefined;
}
