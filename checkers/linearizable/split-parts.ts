// The operations on one object split by the parts of it that they touch, where its model tells (Model.parts): operations
// that share a part, also through others, stay together.

import type { Model } from '../model.ts';
import type { Operation } from '../op.ts';
import { type Part, partOf } from './part.ts';

/** Names in the key of a part that has none of its own; of more only the number is told. */
const NAMED = 3;

/**
 * What can be judged apart, left out where nothing completed. An object without a key is called by the names of its parts.
 */
export function partsOf<State>(
  model: Model<State>,
  operations: readonly Operation[],
  key: string | undefined,
): Part<State>[] {
  return independent(model, operations)
    .filter((group) => group.operations.some(({ result }) => result !== undefined))
    .map((group) => partOf(model, group.operations, key ?? nameOf(group.names)));
}

interface Group {
  readonly operations: readonly Operation[];
  readonly names: readonly string[];
}

function independent<State>(model: Model<State>, operations: readonly Operation[]): Group[] {
  const whole = [{ operations, names: [] }];
  if (model.parts === undefined) return whole;
  const names = new Names();
  /** By row, a name that the operation touches; -1 where it touches nothing. */
  const touched = new Int32Array(operations.length).fill(-1);
  for (const [row, { call }] of operations.entries()) {
    const parts = model.parts(call);
    if (parts === undefined) return whole;
    const [first, ...others] = parts.map((name) => names.number(name));
    if (first === undefined) continue;
    touched[row] = first;
    for (const other of others) names.join(first, other);
  }
  const groups = new Map<number, { operations: Operation[]; names: string[] }>();
  const groupOf = (root: number) => {
    let group = groups.get(root);
    if (group === undefined) {
      group = { operations: [], names: [] };
      groups.set(root, group);
    }
    return group;
  };
  for (const [row, operation] of operations.entries()) {
    const name = touched[row] as number;
    groupOf(name === -1 ? -1 : names.root(name)).operations.push(operation);
  }
  for (const [number, name] of names.texts.entries()) groupOf(names.root(number)).names.push(name);
  return [...groups.values()];
}

function nameOf(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const shown = names.slice(0, NAMED).join(', ');
  return names.length <= NAMED ? shown : `${shown} and ${names.length - NAMED} more`;
}

/** Names by number, and which belong together (union-find with halved paths; the lower number is the root). */
class Names {
  readonly texts: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #above: number[] = [];

  number(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.texts.length;
      this.texts.push(text);
      this.#numbers.set(text, number);
      this.#above.push(number);
    }
    return number;
  }

  root(number: number): number {
    const above = this.#above;
    let at = number;
    for (let next = above[at] as number; next !== at; next = above[at] as number) {
      above[at] = above[next] as number;
      at = next;
    }
    return at;
  }

  join(a: number, b: number): void {
    const [low, high] = [this.root(a), this.root(b)].sort((x, y) => x - y) as [number, number];
    this.#above[high] = low;
  }
}
