// The clock of the programs on a node in a container, by libfaketime: programs started with its environment see the time
// that a control file says; the machine's own clock, which is the host's, is never touched. How the file is written: see
// clock-script.ts.
//
// What cannot be had:
// - A look at the clock costs a program about a hundred times as much as without (Node 20: Date.now() 120,000 times a
//   second instead of 13,500,000), since FAKETIME_NO_CACHE has it read the file each time; without that, changes would be
//   seen up to ten seconds late.
// - The wall clock at another rate, or in a strobe, moves in steps of a millisecond or more (measured: a strobe of 1 ms
//   periods is kept on an idle machine, and skips periods on a busy one).
// - A monotonic clock that goes back hangs programs on libuv for as long (tried: Node's timers stop), so where it is
//   faked nothing jumps: no bumps and no strobes.
// - A machine that is switched off loses all of it: its clock is right when it comes back.
// - Programs that do not ask the C library what time it is: see elf.ts.

import type { NodeClock } from '../harness/environment.ts';
import { EnvironmentError } from '../harness/errors.ts';
import { clockScript } from './clock-script.ts';
import { quoted, type Shell } from './shell.ts';

/**
 * Where the control file is. The node's user must be able to make it and to write in it, and a full data disk must not
 * reach it: /run has to be a tmpfs, or a directory that is the user's own.
 */
export const clockDirectory = '/run/faultline';

export interface ClockOptions {
  /** The monotonic clock is faked as well. Then only its rate can be changed; see NodeClock. */
  readonly monotonic: boolean;
  /** Not /run/faultline but another; two clocks must not share one. */
  readonly directory?: string;
}

/** Finds libfaketime in the machine; undefined: it is not installed. */
export async function faketimeLibrary(shell: Shell): Promise<string | undefined> {
  // The one for threads: the other tears readings when two threads look at the clock at once.
  const { stdout } = await shell.run(
    'ls /usr/lib/*/faketime/libfaketimeMT.so.1 /usr/lib/faketime/libfaketimeMT.so.1 2>/dev/null',
  );
  return stdout.split('\n').find((line) => line.endsWith('libfaketimeMT.so.1'));
}

/** What a program must be started with. `prepareClock` must have been called before. */
export function faketimeEnvironment({
  library,
  monotonic,
  directory = clockDirectory,
}: ClockOptions & { readonly library: string }): Record<string, string> {
  const shared = directory.replaceAll('/', '-');
  return {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: `${directory}/control`,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: monotonic ? '0' : '1',
    // One start for all programs, and nothing left in shared memory by those that are killed.
    FAKETIME_SHARED: `/${shared} /${shared}`,
    // What a file says of its own time stays as it is.
    NO_FAKE_STAT: '1',
  };
}

/**
 * Makes what programs with a fake clock read; a clock that is set already is left as it is. Must be called after each
 * start of the machine and before the program's.
 */
export async function prepareClock(shell: Shell, options: ClockOptions): Promise<void> {
  await runClockScript(shell, options, 'prepare', []);
}

/** It keeps nothing: all of it is in the machine, so two of one machine are the same clock. */
export class FaketimeClock implements NodeClock {
  readonly #shell: Shell;
  readonly #options: ClockOptions & { readonly library: string };
  /** Only where the monotonic clock is faked too: then the wall clock goes along with it. */
  readonly setMonotonicRate?: (rate: number) => Promise<void>;

  /** The machine has been prepared, with the same options. */
  constructor(shell: Shell, options: ClockOptions & { readonly library: string }) {
    this.#shell = shell;
    this.#options = options;
    if (options.monotonic) this.setMonotonicRate = (rate) => this.setRate(rate);
  }

  /** Throws EnvironmentError where the monotonic clock is faked too: it would jump along. */
  async bump(byMs: number): Promise<void> {
    await this.#run('bump', [byMs / 1000]);
  }

  async setRate(rate: number): Promise<void> {
    if (!(rate > 0 && rate <= 1000))
      throw new RangeError(`a clock's rate is more than 0 and at most 1000, not ${rate}`);
    await this.#run('rate', [rate]);
  }

  async strobe({ deltaMs, periodMs, durationMs }: Parameters<NodeClock['strobe']>[0]): Promise<void> {
    if (!(periodMs > 0)) throw new RangeError(`a strobe's period is more than 0 ms, not ${periodMs}`);
    await this.#run('strobe', [deltaMs / 1000, periodMs / 1000, durationMs / 1000], durationMs);
  }

  /** Where the monotonic clock is faked too the right time is reached by going at 0.25 or 4 times its pace for a while. */
  async reset(): Promise<void> {
    const takesMs = Number(await this.#run('reset-takes', [])) * 1000;
    await this.#run('reset', [], takesMs);
  }

  async offsetMs(): Promise<number> {
    const asked: { readonly roundTripMs: number; readonly offsetMs: number }[] = [];
    // The answer is as good as the round trip is short: a machine may be busy once, and hardly three times.
    while (asked.length < 3 && !asked.some(({ roundTripMs }) => roundTripMs <= goodRoundTripMs)) {
      asked.push(await this.#askOffset());
    }
    return asked.reduce((best, next) => (next.roundTripMs < best.roundTripMs ? next : best)).offsetMs;
  }

  async #askOffset(): Promise<{ readonly roundTripMs: number; readonly offsetMs: number }> {
    const variables = Object.entries(faketimeEnvironment(this.#options));
    const settings = variables.map(([name, value]) => `${name}=${quoted(value)}`).join(' ');
    const asked = performance.now();
    const before = Date.now();
    const { stdout, status } = await this.#shell.run(`${settings} date +%s%N`);
    const roundTripMs = performance.now() - asked;
    if (status !== 0 || !/^-?\d{10,}\s*$/.test(stdout)) {
      throw new EnvironmentError(`the clock cannot be read: date says ${JSON.stringify(stdout.trim())}`);
    }
    return { roundTripMs, offsetMs: Number(stdout) / 1e6 - (before + roundTripMs / 2) };
  }

  #run(command: string, seconds: readonly number[], takesMs = 0): Promise<string> {
    return runClockScript(this.#shell, this.#options, command, seconds, takesMs);
  }
}

const goodRoundTripMs = 40;
/** A command takes some 10 ms; a busy machine may need longer. */
const patienceMs = 10_000;

async function runClockScript(
  shell: Shell,
  { monotonic, directory = clockDirectory }: ClockOptions,
  command: string,
  seconds: readonly number[],
  takesMs = 0,
): Promise<string> {
  const words = [directory, monotonic ? '1' : '0', command, ...seconds.map((number) => number.toFixed(9))];
  // Its own clock must be the machine's, whatever else runs under a fake one.
  const script = `unset LD_PRELOAD; exec perl -e ${quoted(clockScript)} -- ${words.map(quoted).join(' ')} 2>&1`;
  const { stdout, status } = await shell.run(script, takesMs + patienceMs);
  if (status !== 0) throw new EnvironmentError(`the clock cannot be steered (${command}): ${stdout.trim()}`);
  return stdout;
}
