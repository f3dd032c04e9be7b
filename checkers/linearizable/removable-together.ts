// What may be left out of histories of queues, stacks, sets, lists and locks: operations that only make sense together.
//
// Each rule has the same argument. Take a legal order of the whole history and strike the group out of it; crashed
// operations may be struck out as well, since an order may always go without. What is left has to be legal.

import { canonicalJson, type Json } from '../json.ts';
import type { Model } from '../model.ts';
import type { Operation } from '../op.ts';

type Groups = ReadonlySet<number>[];

/**
 * Sets of operations (by id), beyond single observers, of which each may be left out, alone or with others of them,
 * without making a linearizable history not so. None for models for which nothing is known. `operations` must be all
 * there are.
 */
export function removableTogether<State>(model: Model<State>, operations: readonly Operation[]): Groups {
  const first = model.describe(model.init());
  switch (model.name) {
    case 'queue':
      return first === '[]' ? byValue(operations, 'enqueue', 'dequeue') : [];
    case 'stack':
      return first === '[]' ? byValue(operations, 'push', 'pop') : [];
    case 'set':
      return first === '{}' ? byElement(operations) : [];
    case 'list':
      return byAppended(operations);
    case 'mutex':
    case 'fenced-lock':
      return byOwner(operations);
    default:
      return [];
  }
}

/**
 * Queue and stack: all operations that put in or got one value. Without this value the rest stands in the same order in
 * it, so whoever got another value finds it first again, and whoever found nothing finds nothing. A crashed operation
 * that took the value away goes too. It must not have been in it at the start.
 */
function byValue(operations: readonly Operation[], into: string, out: string): Groups {
  return grouped(operations, ({ call, result }) => {
    if (result?.mismatch === true) return [];
    if (call.f === into) return [call.value];
    return call.f === out ? [result?.value] : [];
  });
}

/**
 * Set: all operations on one element, and the reads of the whole set that saw it. What is told of other elements does not
 * depend on it, and a read that is left did not see it before either. It must not have been in it at the start.
 */
function byElement(operations: readonly Operation[]): Groups {
  return grouped(operations, ({ call, result }) =>
    call.f === 'read' ? listed(result?.value) : [call.value],
  );
}

/**
 * List: the appends of one value, and the reads that saw it. A read that is left did not see the value, so it stands before
 * all these appends in the order.
 */
function byAppended(operations: readonly Operation[]): Groups {
  return grouped(operations, ({ call, result }) => {
    if (call.f === 'read') return listed(result?.value);
    // An append that told something might tell of those before it.
    return call.f === 'append' && result?.value === undefined ? [call.value] : [];
  });
}

/**
 * Lock: all operations of one owner. While he held it nobody else could, but for crashed operations without an effect;
 * these go too. Without him it is free from before he acquired it until after he released it.
 */
function byOwner(operations: readonly Operation[]): Groups {
  return operations.every(({ call }) => call.value !== undefined)
    ? grouped(operations, ({ call }) => [call.value])
    : [];
}

/** Operations by the values that they have to do with; what has to do with several is in several groups. */
function grouped(
  operations: readonly Operation[],
  valuesOf: (operation: Operation) => readonly (Json | undefined)[],
): Groups {
  const groups = new Map<string, Set<number>>();
  for (const operation of operations) {
    for (const value of valuesOf(operation)) {
      if (value === undefined) continue;
      const name = canonicalJson(value);
      const group = groups.get(name);
      if (group === undefined) groups.set(name, new Set([operation.id]));
      else group.add(operation.id);
    }
  }
  return [...groups.values()];
}

function listed(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}
