// How a node's programs come by a clock that can be bent: what they are started with, and who bends it.

import type { NodeClock } from '../harness/environment.ts';
import { EnvironmentError } from '../harness/errors.ts';
import { FaketimeClock, faketimeEnvironment, faketimeLibrary, prepareClock } from './clock.ts';
import type { Shell } from './shell.ts';

export class NodeClockKit {
  readonly #monotonic: boolean;
  #library: string | undefined;

  /** `monotonic`: the monotonic clock is bent as well; see `NodeClock`. */
  constructor(monotonic: boolean) {
    this.#monotonic = monotonic;
  }

  /** After each start of the machine, before any program. */
  async prepare(shell: Shell): Promise<void> {
    this.#library = await faketimeLibrary(shell);
    if (this.#library === undefined) {
      throw new EnvironmentError(
        'libfaketime is not installed in the node’s image, so its clock cannot be bent',
      );
    }
    await prepareClock(shell, { monotonic: this.#monotonic });
  }

  /** Variables that a program is started with. */
  environment(): Readonly<Record<string, string>> {
    return faketimeEnvironment(this.#options());
  }

  /** `shell` is asked for anew each time, since a machine that was off has another. */
  clock(shell: () => Shell): NodeClock {
    const current: Shell = { run: async (script, limitMs) => shell().run(script, limitMs) };
    return new FaketimeClock(current, this.#options());
  }

  #options() {
    if (this.#library === undefined) throw new EnvironmentError('the machine’s clock is not prepared');
    return { library: this.#library, monotonic: this.#monotonic };
  }
}
