// What is due next: a binary heap of numbers by time.

export class EventQueue {
  readonly #times: number[] = [];
  readonly #items: number[] = [];

  get size(): number {
    return this.#times.length;
  }

  push(time: number, item: number): void {
    let at = this.#times.length;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if ((this.#times[parent] as number) <= time) break;
      this.#set(at, this.#times[parent] as number, this.#items[parent] as number);
      at = parent;
    }
    this.#set(at, time, item);
  }

  /** The earliest; undefined when there is none. */
  pop(): { readonly time: number; readonly item: number } | undefined {
    const time = this.#times[0];
    const item = this.#items[0] as number;
    const lastTime = this.#times.pop() as number;
    const lastItem = this.#items.pop() as number;
    if (time === undefined) return undefined;
    const size = this.#times.length;
    if (size === 0) return { time, item };
    let at = 0;
    for (let child = 1; child < size; child = at * 2 + 1) {
      if (child + 1 < size && (this.#times[child + 1] as number) < (this.#times[child] as number)) child++;
      if ((this.#times[child] as number) >= lastTime) break;
      this.#set(at, this.#times[child] as number, this.#items[child] as number);
      at = child;
    }
    this.#set(at, lastTime, lastItem);
    return { time, item };
  }

  #set(at: number, time: number, item: number): void {
    this.#times[at] = time;
    this.#items[at] = item;
  }
}
