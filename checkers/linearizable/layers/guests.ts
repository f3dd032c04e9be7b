// Who goes where in an order of rows: a list for each place before, between and after them.

import { NONE } from '../problem.ts';

/** A list of rows for each place, in the order in which they were added. */
export class Guests {
  #count = 0;
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  readonly #next: Int32Array;

  /** `rows`: how many there are to choose from. */
  constructor(places: number, rows: number) {
    this.#first = new Int32Array(places).fill(NONE);
    this.#last = new Int32Array(places);
    this.#next = new Int32Array(rows).fill(NONE);
  }

  add(place: number, row: number): void {
    if (this.#first[place] === NONE) this.#first[place] = row;
    else this.#next[this.#last[place] as number] = row;
    this.#last[place] = row;
    this.#count++;
  }

  /** Those of place i go before the row i of `hosts`, those of the last place after them all. */
  among(hosts: Int32Array): Int32Array {
    const order = new Int32Array(hosts.length + this.#count);
    let length = 0;
    for (let place = 0; place <= hosts.length; place++) {
      for (let row = this.#first[place] as number; row !== NONE; row = this.#next[row] as number) {
        order[length++] = row;
      }
      if (place < hosts.length) order[length++] = hosts[place] as number;
    }
    return order;
  }
}
