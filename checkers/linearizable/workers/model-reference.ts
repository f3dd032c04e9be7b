// A model as another thread can make it again: functions cannot be sent, the name and the first value can.

import type { Json } from '../../json.ts';
import type { Model } from '../../model.ts';
import { modelNamed } from '../../models/registry.ts';

export interface ModelReference {
  readonly name: string;
  readonly initial?: Json | undefined;
}

/** Undefined where the model is not one of the registry as it stands there: then it stays in its own thread. */
export function referenceOf<State>(model: Model<State>): ModelReference | undefined {
  const { name } = model;
  for (const reference of [{ name }, { name, initial: model.init() as Json }]) {
    try {
      if (isSame(model, modelOf(reference))) return reference;
    } catch {
      // It cannot start from that; or the state is nothing that a message can hold, and the next line would not be either.
    }
  }
  return undefined;
}

export function modelOf({ name, initial }: ModelReference): Model<unknown> {
  const entry = modelNamed(name);
  if (entry === undefined) throw new Error(`there is no model ${name}`);
  return entry.make(initial);
}

/** Equal in what bears on verdicts; the step must be the very same function, what is made anew each time read the same. */
function isSame<State>(model: Model<State>, other: Model<unknown>): boolean {
  const [own, others] = [members(model), members(other)];
  return (
    (model.step as unknown) === other.step &&
    own.length === others.length &&
    own.every(([name, member], i) => {
      const [otherName, otherMember] = others[i] ?? [];
      if (name !== otherName) return false;
      return (
        member === otherMember || (typeof member === 'function' && String(member) === String(otherMember))
      );
    }) &&
    model.key(model.init()) === other.key(other.init()) &&
    model.describe(model.init()) === other.describe(other.init())
  );
}

function members<State>(model: Model<State>): [string, unknown][] {
  return Object.entries(model)
    .filter(([name]) => name !== 'init')
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
