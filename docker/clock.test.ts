import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { baseVariable, homemadeBase } from './base-image.ts';
import { FaketimeClock, faketimeEnvironment, faketimeLibrary, prepareClock } from './clock.ts';
import { dockerOrSkip } from './engine.fixture.ts';
import { localShell } from './local-shell.fixture.ts';
import type { Shell } from './shell.ts';

/** A busy machine is late, and what a test looks at moves meanwhile. */
const toleranceMs = 700;
const patienceMs = 90_000;

/** A reading of a program under the fake clock. */
interface Reading {
  /** Ahead of this machine's clock. */
  readonly offsetMs: number;
  /** Since the program's first reading: how far its monotonic clock is ahead of this machine's. */
  readonly monotonicOffsetMs: number;
  /** The greatest step back of the monotonic clock so far. */
  readonly monotonicBackMs: number;
}

/** A program that looks at its clocks all the time and says what it sees. */
class Watcher {
  readonly #child: ChildProcess;
  #asked: { readonly resolve: (line: string) => void } | undefined;
  #origin: { readonly mine: number; readonly its: number } | undefined;

  constructor(environment: Record<string, string>) {
    this.#child = spawn(process.execPath, ['-e', watching], {
      env: { ...process.env, ...environment },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (this.#child.stdout === null) throw new Error('it has an output');
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#asked?.resolve(line));
  }

  async read(): Promise<Reading> {
    const asked = performance.now();
    const line = await new Promise<string>((resolve) => {
      this.#asked = { resolve };
      this.#child.stdin?.write('?\n');
    });
    const answered = performance.now();
    const mine = (asked + answered) / 2;
    const { now, monotonic, back } = JSON.parse(line) as { now: number; monotonic: number; back: number };
    this.#origin ??= { mine, its: monotonic };
    return {
      offsetMs: now - (Date.now() - (answered - asked) / 2),
      monotonicOffsetMs: monotonic - this.#origin.its - (mine - this.#origin.mine),
      monotonicBackMs: back,
    };
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }
}

const watching = `
let last = performance.now(), back = 0;
setInterval(() => {
  const monotonic = performance.now();
  back = Math.max(back, last - monotonic);
  last = monotonic;
}, 1);
process.stdin.on('data', () => {
  process.stdout.write(JSON.stringify({ now: Date.now(), monotonic: performance.now(), back }) + '\\n');
});
`;

const library = await faketimeLibrary(localShell);
if (library === undefined) {
  if (process.env['CI'] === 'true')
    throw new Error('the tests of fake clocks must run in CI: install libfaketime');
  process.stderr.write('\nNOT TESTED: fake clocks of local programs: libfaketime is not installed\n\n');
}

describe.skipIf(library === undefined)(
  'a clock that programs under libfaketime see',
  { timeout: patienceMs },
  () => {
    const watchers: Watcher[] = [];
    let directory: string;

    beforeEach(() => {
      directory = join(mkdtempSync(join(tmpdir(), 'faultline-clock-')), 'clock');
    });

    afterEach(async () => {
      for (const watcher of watchers.splice(0)) watcher.end();
      // Whatever drives this clock ends when its plan is gone.
      rmSync(join(directory, '..'), { recursive: true, force: true });
      await localShell.run(`rm -f /dev/shm/*${directory.replaceAll('/', '-')}`);
    });

    async function prepared(monotonic: boolean) {
      const options = { monotonic, directory, library: library ?? '' };
      await prepareClock(localShell, options);
      const watch = (): Watcher => {
        const watcher = new Watcher(faketimeEnvironment(options));
        watchers.push(watcher);
        return watcher;
      };
      const running = watch();
      await running.read();
      return { clock: new FaketimeClock(localShell, options), running, watch };
    }

    async function expectOffset(read: () => Promise<number>, offsetMs: number): Promise<void> {
      // A reading that a busy machine has delayed says nothing: one of several has to be right.
      let seen = await read();
      for (let again = 0; again < 10 && Math.abs(seen - offsetMs) >= toleranceMs; again++) {
        await sleep(200);
        seen = await read();
      }
      expect(Math.abs(seen - offsetMs), `${seen} where ${offsetMs} is right`).toBeLessThan(toleranceMs);
    }

    test('jumps: for programs that run, for new ones, and for what it tells of itself', async () => {
      const { clock, running, watch } = await prepared(false);
      await expectOffset(() => clock.offsetMs(), 0);
      for (const [byMs, offsetMs] of [
        [60_000, 60_000],
        [-200_000, -140_000],
        [86_400_000, 86_260_000],
      ] as const) {
        await clock.bump(byMs);
        await expectOffset(() => clock.offsetMs(), offsetMs);
        await expectOffset(async () => (await running.read()).offsetMs, offsetMs);
        await expectOffset(async () => (await watch().read()).offsetMs, offsetMs);
      }
      await clock.reset();
      await expectOffset(() => clock.offsetMs(), 0);
      await expectOffset(async () => (await running.read()).offsetMs, 0);
      await expectOffset(async () => (await running.read()).monotonicOffsetMs, 0);
      expect((await running.read()).monotonicBackMs).toBe(0);
    });

    test('goes at another rate without a jump, the same for old programs and new ones', async () => {
      const { clock, running, watch } = await prepared(false);
      await sleep(1_500);
      await clock.bump(100_000);
      await clock.setRate(3);
      const begun = performance.now();
      const passed = (): number => performance.now() - begun;
      await expectOffset(async () => (await running.read()).offsetMs - passed() * 2, 100_000);
      await sleep(1_500);
      const young = watch();
      await expectOffset(async () => (await young.read()).offsetMs - passed() * 2, 100_000);
      await expectOffset(async () => (await running.read()).offsetMs - passed() * 2, 100_000);
      await expectOffset(async () => (await clock.offsetMs()) - passed() * 2, 100_000);
      await clock.setRate(0.5);
      const gained = (await running.read()).offsetMs;
      const slowedAt = performance.now();
      await sleep(1_500);
      for (const program of [running, young]) {
        await expectOffset(
          async () => (await program.read()).offsetMs + (performance.now() - slowedAt) / 2,
          gained,
        );
      }
      // Timers go by the monotonic clock, which is right all the while.
      await expectOffset(async () => (await running.read()).monotonicOffsetMs, 0);
      await clock.reset();
      await expectOffset(async () => (await young.read()).offsetMs, 0);
    });

    test('a strobe goes back and forth, ends by itself, and ends early at a reset', async () => {
      const { clock, running } = await prepared(false);
      const seen = new Set<number>();
      const strobe = clock.strobe({ deltaMs: 50_000, periodMs: 60, durationMs: 1_500 });
      const until = performance.now() + 1_200;
      while (performance.now() < until) {
        seen.add(Math.round((await running.read()).offsetMs / 10_000));
        await sleep(13);
      }
      await strobe;
      expect(seen).toEqual(new Set([0, 5]));
      await expectOffset(async () => (await running.read()).offsetMs, 0);

      const begun = performance.now();
      const long = clock.strobe({ deltaMs: 50_000, periodMs: 1, durationMs: 600_000 });
      while ((await running.read()).offsetMs < 40_000) await sleep(1);
      await clock.reset();
      await long;
      expect(performance.now() - begun).toBeLessThan(patienceMs);
      await sleep(100);
      await expectOffset(async () => (await running.read()).offsetMs, 0);
    });

    test('what is set already outlives a second preparation', async () => {
      const { clock, running } = await prepared(false);
      await clock.bump(-30_000);
      await prepareClock(localShell, { monotonic: false, directory });
      await expectOffset(async () => (await running.read()).offsetMs, -30_000);
    });

    test('the monotonic clock changes its pace and never jumps, and comes back to the right time', async () => {
      const { clock, running, watch } = await prepared(true);
      await sleep(1_000);
      await clock.setMonotonicRate?.(2);
      await sleep(1_000);
      await clock.setMonotonicRate?.(0.5);
      await sleep(500);
      const young = watch();
      await young.read();
      await clock.setMonotonicRate?.(3);
      await sleep(500);
      const ahead = await running.read();
      expect(ahead.monotonicOffsetMs).toBeGreaterThan(1_000);
      await expectOffset(async () => {
        const { monotonicOffsetMs, offsetMs } = await running.read();
        return monotonicOffsetMs - offsetMs;
      }, 0);
      await expectOffset(async () => (await young.read()).offsetMs - (await running.read()).offsetMs, 0);
      await clock.reset();
      await expectOffset(() => clock.offsetMs(), 0);
      await expectOffset(async () => (await running.read()).offsetMs, 0);
      await expectOffset(async () => (await running.read()).monotonicOffsetMs, 0);
      expect((await running.read()).monotonicBackMs).toBe(0);
    });

    test('where the monotonic clock is faked nothing may jump, and where it is not it has no rate', async () => {
      const { clock, running } = await prepared(true);
      await expect(clock.bump(1_000)).rejects.toThrow('a jump of the monotonic clock would hang the program');
      const strobe = { deltaMs: 1, periodMs: 1, durationMs: 1 };
      await expect(clock.strobe(strobe)).rejects.toThrow('a jump of the monotonic clock');
      await expectOffset(async () => (await running.read()).offsetMs, 0);
      const options = { monotonic: false, directory, library: library ?? '' };
      expect(new FaketimeClock(localShell, options).setMonotonicRate).toBeUndefined();
    });

    test('a machine without Perl, or without a place to write, is told', async () => {
      const broken: Shell = { run: (script) => localShell.run(`PATH=/nowhere; ${script}`) };
      await expect(prepareClock(broken, { monotonic: false, directory })).rejects.toThrow(
        /\(prepare\): .*not found/s,
      );
      const nowhere = { monotonic: false, directory: '/proc/faultline' };
      await expect(prepareClock(localShell, nowhere)).rejects.toThrow('/proc/faultline: No such file');
    });
  },
);

const image = process.env[baseVariable] ?? homemadeBase;
const lacking = await whatContainersLack();
if (lacking !== undefined) {
  if (process.env['CI'] === 'true')
    throw new Error(`the tests of a container's clock must run in CI: ${lacking}`);
  process.stderr.write(`\nNOT TESTED: the fake clock of a container: ${lacking}\n\n`);
}

async function docker(...words: readonly string[]): Promise<string> {
  return (await promisify(execFile)('docker', words)).stdout;
}

async function whatContainersLack(): Promise<string | undefined> {
  const engine = await dockerOrSkip();
  if ('reason' in engine) return engine.reason;
  try {
    const look = 'ls /usr/lib/*/faketime/libfaketimeMT.so.1 && command -v perl';
    await docker('run', '--rm', '--network', 'none', '--pull', 'never', image, 'sh', '-c', look);
    return undefined;
  } catch {
    return `there is no image ${image} with libfaketime and Perl; ${baseVariable} names another`;
  }
}

describe.skipIf(lacking !== undefined)('the clock of a container', () => {
  const name = `faultline-clock-test-${process.pid}`;
  afterAll(async () => {
    await docker('rm', '--force', name);
  });

  test('moves for the program in it, and for nobody else', { timeout: patienceMs }, async () => {
    await docker('run', '--detach', '--name', name, '--network', 'none', image, 'sleep', '600');
    const shell: Shell = {
      async run(script) {
        try {
          return { stdout: await docker('exec', name, 'sh', '-c', script), status: 0 };
        } catch (error) {
          const { stdout, code } = error as { stdout: string; code: number };
          return { stdout, status: code };
        }
      },
    };
    const found = await faketimeLibrary(shell);
    if (found === undefined) throw new Error(`libfaketime is not in ${image}`);
    const options = { library: found, monotonic: false };
    await prepareClock(shell, options);
    const variables = Object.entries(faketimeEnvironment(options)).map(([key, value]) => `${key}='${value}'`);
    const program = `perl -e '$| = 1; while (1) { open(F, ">", "/tmp/new"); print F time; close F; rename("/tmp/new", "/tmp/seen"); select(undef, undef, undef, 0.02) }'`;
    await shell.run(`${variables.join(' ')} setsid ${program} </dev/null >/dev/null 2>&1 &`);
    const seenMs = async (): Promise<number> => {
      await sleep(500);
      return Number((await shell.run('cat /tmp/seen')).stdout) * 1000;
    };
    const machineMs = async (): Promise<number> => Number((await shell.run('date +%s%3N')).stdout);
    const hostAhead = (): number => Date.now() - performance.timeOrigin - performance.now();
    const hostBefore = hostAhead();
    const clock = new FaketimeClock(shell, options);
    const toleranceMs = 5_000;
    expect(Math.abs((await seenMs()) - Date.now())).toBeLessThan(toleranceMs);

    await clock.bump(-3_600_000);
    expect(Math.abs((await seenMs()) - Date.now() + 3_600_000)).toBeLessThan(toleranceMs);
    expect(Math.abs((await clock.offsetMs()) + 3_600_000)).toBeLessThan(toleranceMs);
    expect(Math.abs((await machineMs()) - Date.now())).toBeLessThan(toleranceMs);
    expect(Math.abs(hostAhead() - hostBefore)).toBeLessThan(1_000);

    await clock.reset();
    expect(Math.abs((await seenMs()) - Date.now())).toBeLessThan(toleranceMs);
  });
});
