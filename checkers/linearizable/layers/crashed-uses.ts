// How many crashed operations of each class a configuration has used, as a small number for each vector of counts.
//
// A class has two counts: `settled` for uses of those invoked before the configuration's last blind write, and `late` for
// those invoked since. Which of its operations was used does not matter as long as the counts can be met, because uses in
// order of time can always be given to the operations in order of invocation.

export class CrashedUses {
  readonly #width: number;
  #vectors: Int32Array;
  #size = 0;
  #bytes = 0;
  readonly #numbers = new Map<string, number>();
  /** By vector and count: the vector with one more there. Undefined where nobody asked yet. */
  readonly #more = new Map<number, number>();
  readonly #settled: number[] = [];

  constructor(classes: number) {
    this.#width = classes * 2;
    this.#vectors = new Int32Array(this.#width * 64);
    this.#number(new Int32Array(this.#width));
  }

  /** The vector of nothing used. */
  static readonly NONE = 0;

  get bytes(): number {
    return this.#vectors.byteLength + this.#bytes;
  }

  settled(vector: number, crashed: number): number {
    return this.#vectors[vector * this.#width + crashed * 2] as number;
  }

  late(vector: number, crashed: number): number {
    return this.#vectors[vector * this.#width + crashed * 2 + 1] as number;
  }

  /** All uses together. */
  total(vector: number): number {
    let sum = 0;
    for (let i = 0; i < this.#width; i++) sum += this.#vectors[vector * this.#width + i] as number;
    return sum;
  }

  /** No count of `a` is greater than that of `b`. */
  isWithin(a: number, b: number): boolean {
    if (a === b || a === CrashedUses.NONE) return true;
    const [atA, atB] = [a * this.#width, b * this.#width];
    for (let i = 0; i < this.#width; i++) {
      if ((this.#vectors[atA + i] as number) > (this.#vectors[atB + i] as number)) return false;
    }
    return true;
  }

  withOneMore(vector: number, crashed: number, late: boolean): number {
    const count = crashed * 2 + (late ? 1 : 0);
    const question = vector * this.#width + count;
    let answer = this.#more.get(question);
    if (answer === undefined) {
      const counts = this.#copy(vector);
      counts[count] = (counts[count] as number) + 1;
      answer = this.#number(counts);
      this.#more.set(question, answer);
      this.#bytes += 40;
    }
    return answer;
  }

  /** After a blind write all that were invoked before it are invoked before the last blind write. */
  allSettled(vector: number): number {
    let answer = this.#settled[vector];
    if (answer === undefined) {
      const counts = this.#copy(vector);
      for (let i = 0; i < this.#width; i += 2) {
        counts[i] = (counts[i] as number) + (counts[i + 1] as number);
        counts[i + 1] = 0;
      }
      answer = this.#number(counts);
      this.#settled[vector] = answer;
    }
    return answer;
  }

  #copy(vector: number): Int32Array {
    return this.#vectors.slice(vector * this.#width, (vector + 1) * this.#width);
  }

  #number(counts: Int32Array): number {
    const name = counts.join();
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#size++;
    if (this.#size * this.#width > this.#vectors.length) {
      const grown = new Int32Array(this.#vectors.length * 2);
      grown.set(this.#vectors);
      this.#vectors = grown;
    }
    this.#vectors.set(counts, number * this.#width);
    this.#numbers.set(name, number);
    this.#bytes += 80 + name.length * 2;
    return number;
  }
}
