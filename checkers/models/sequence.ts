// Sequences that grow and shrink at one end, as the states of stacks and lists. Equal sequences (of one root) are one object
// with one number: taking off the last gives back the very sequence that was before, and no key has to be written out.

import type { Json } from '../json.ts';
import { registerKey } from './register.ts';

export class Sequence {
  /** How many values there are. */
  readonly size: number;
  /** Equal for equal sequences of one root, and for no others. */
  readonly number: number;
  /** The sequence without its last value; undefined for the empty one. */
  readonly before: Sequence | undefined;
  readonly last: Json | undefined;
  readonly #numbers: { last: number };
  /** Sequences of one value more: the first that was made, and the others by their last value. */
  #first: Sequence | undefined;
  #others: Map<string | number, Sequence> | undefined;

  private constructor(
    before: Sequence | undefined,
    last: Json | undefined,
    size: number,
    numbers: { last: number },
  ) {
    this.before = before;
    this.last = last;
    this.size = size;
    this.#numbers = numbers;
    this.number = numbers.last++;
  }

  /** The root of sequences. What has been made of it lives as long as it does. */
  static empty(): Sequence {
    return new Sequence(undefined, undefined, 0, { last: 0 });
  }

  with(value: Json): Sequence {
    const key = registerKey(value);
    const first = this.#first;
    if (first !== undefined && registerKey(first.last) === key) return first;
    const known = this.#others?.get(key);
    if (known !== undefined) return known;
    const longer = new Sequence(this, value, this.size + 1, this.#numbers);
    if (first === undefined) this.#first = longer;
    else {
      this.#others ??= new Map();
      this.#others.set(key, longer);
    }
    return longer;
  }

  values(): Json[] {
    const values: Json[] = [];
    let before = this.before;
    for (let { last } = this; before !== undefined; { last, before } = before) values.push(last as Json);
    return values.reverse();
  }
}
