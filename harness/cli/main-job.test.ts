// The main job end to end with real processes: every exit code that a run can have, and what is left behind after each
// way of ending it.

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, processesIn, type Workplace, workplace } from './compiled-tool.fixture.ts';
import { exitCodes } from './exit-codes.ts';

let place: Workplace;

beforeAll(async () => {
  place = await workplace();
});
afterAll(() => place[Symbol.asyncDispose]());

const quick = ['--nodes', '3', '--concurrency', '2n', '--nemesis-interval', '1500ms', '--warm-up', '1s'];

async function files(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).sort();
}

async function latest(): Promise<string> {
  return join(place.path, 'faultline-runs', 'latest');
}

describe('a run from the command line', { timeout: 120_000 }, () => {
  it('exits 0 on a correct cluster, leaves a whole run folder, and check agrees with it', async () => {
    const { stdout, stderr, exitCode } = await place.start(
      'test',
      'register',
      ...quick,
      '--nemesis',
      'partition,kill,pause',
      '--time-limit',
      '12s',
      '--seed',
      '11',
    );
    expect({ exitCode, stdout, stderr: exitCode === 0 ? '' : stderr }).toMatchObject({
      exitCode: exitCodes.valid,
      stderr: '',
    });
    expect(stdout).toContain('VALID');
    expect(stdout).toContain('seed 11');
    expect(await files(await latest())).toEqual(
      expect.arrayContaining([
        'history.jsonl',
        'junit.xml',
        'report.html',
        'results.json',
        'run.json',
        'summary.md',
      ]),
    );
    expect(await processesIn(place.path)).toEqual([]);
    const again = await place.start('check', await latest());
    expect(again.stdout).toContain('VALID');
    expect(again.exitCode).toBe(exitCodes.valid);
  });

  it('exits 1 on a cluster that serves old reads, with a counterexample in words and in a file that check refutes', async () => {
    const { stdout, exitCode } = await place.start(
      'test',
      'register',
      ...quick,
      '--nemesis',
      'none',
      '--mutant',
      'local-read',
      '--time-limit',
      '5s',
      '--seed',
      '3',
      '--json',
    );
    const results = JSON.parse(stdout) as { verdict: string; sentence: string };
    expect(exitCode).toBe(exitCodes.violation);
    expect(results.verdict).toBe('violation');
    expect(results.sentence).toContain('mutant local-read');
    const counterexample = join(await latest(), 'counterexample.jsonl');
    const again = await place.start('check', counterexample, '--model', 'cas-register');
    expect(again.exitCode).toBe(exitCodes.violation);
  });

  it('exits 1 on a leader that does not make sure it still leads, and names the stale read', async () => {
    const { stdout, exitCode } = await place.start(
      'test',
      'register',
      '--nemesis',
      'partition',
      '--mutant',
      'stale-read',
      '--time-limit',
      '15s',
      '--nemesis-interval',
      '2500ms',
    );
    expect(stdout.split('\n')[0]).toMatch(/^INVALID \[mutant stale-read\]: .*stale read: /);
    expect(exitCode).toBe(exitCodes.violation);
  });

  it('with --fail-fast ends soon after the first violation, with the evidence of a whole run, and leaves nothing', async () => {
    const { stdout, exitCode } = await place.start(
      'test',
      'register',
      ...quick,
      '--nemesis',
      'pause',
      '--mutant',
      'local-read',
      '--fail-fast',
      '--time-limit',
      '10m',
      '--seed',
      '3',
      '--json',
    );
    const results = JSON.parse(stdout) as { verdict: string; sentence: string };
    expect(exitCode).toBe(exitCodes.violation);
    expect(results.verdict).toBe('violation');
    expect(results.sentence).toContain('the run was ended early because of --fail-fast');
    expect(await files(await latest())).toEqual(
      expect.arrayContaining(['counterexample.jsonl', 'report.html', 'results.json']),
    );
    expect(await processesIn(place.path)).toEqual([]);
    const again = await place.start('check', await latest());
    expect(again.exitCode).toBe(exitCodes.violation);
  });

  it('exits 2 when a fault that was asked for never came: that green would mean nothing', async () => {
    const { stdout, exitCode } = await place.start(
      'test',
      'register',
      ...quick,
      '--nemesis',
      'kill',
      '--warm-up',
      '1900ms',
      '--nemesis-interval',
      '1h',
      '--time-limit',
      '2s',
    );
    expect(stdout).toContain('UNKNOWN');
    expect(stdout).toContain('kill');
    expect(exitCode).toBe(exitCodes.unknown);
  });

  it('exits 3 when the environment fails, in one line', async () => {
    const { stderr, exitCode } = await place.start('test', 'register', ...quick, '--out', '/dev/null/runs');
    expect(stderr).toContain('/dev/null/runs');
    expect(stderr).not.toMatch(/\bat .*:\d+:\d+/);
    expect(exitCode).toBe(exitCodes.harnessFailure);
  });

  it.each([
    ['SIGINT', exitCodes.interrupted],
    ['SIGTERM', exitCodes.terminated],
  ] as const)(
    'after one %s heals, judges what was recorded, reports, and leaves nothing',
    async (signal, code) => {
      const running = place.start(
        'test',
        'register',
        ...quick,
        '--nemesis',
        'partition,pause',
        '--time-limit',
        '60s',
        '--out',
        signal,
      );
      await whileOperating(signal);
      running.kill(signal);
      const { stdout, exitCode, stderr } = await running;
      expect(stderr).toContain('Ctrl-C again');
      expect(stdout).toContain('INTERRUPTED');
      expect(exitCode).toBe(code);
      expect(await files(join(place.path, signal, 'latest'))).toContain('report.html');
      expect(await processesIn(place.path)).toEqual([]);
    },
  );

  it('after a second SIGINT quits at once and leaves no process', async () => {
    const running = place.start('test', 'register', ...quick, '--time-limit', '60s', '--out', 'twice');
    await whileOperating('twice');
    running.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const begun = performance.now();
    running.kill('SIGINT');
    const { exitCode } = await running;
    expect(exitCode).toBe(exitCodes.interrupted);
    expect(performance.now() - begun).toBeLessThan(3000);
    await eventually(5000, async () => ((await processesIn(place.path)).length === 0 ? true : undefined));
  });

  it('after kill -9 in mid-run leaves no process, and a history that check judges as partial', async () => {
    const running = place.start(
      'test',
      'register',
      ...quick,
      '--nemesis',
      'partition,pause,kill',
      '--time-limit',
      '60s',
      '--out',
      'killed',
    );
    await whileOperating('killed');
    expect((await processesIn(place.path)).length).toBeGreaterThan(2);
    running.kill('SIGKILL');
    await running;
    await eventually(10_000, async () => ((await processesIn(place.path)).length === 0 ? true : undefined));
    const { stdout, exitCode } = await place.start('check', join('killed', 'latest'));
    expect(stdout).toContain('partial');
    expect(exitCode).toBe(exitCodes.unknown);
    const cleaned = await place.start('clean', '--out', 'killed');
    expect(cleaned.exitCode).toBe(0);
  });
});

/** Resolves when a run has recorded operations and at least one fault. */
async function whileOperating(out: string): Promise<void> {
  const history = join(place.path, out, 'latest', 'history.jsonl');
  await eventually(40_000, async () => {
    if ((await stat(history).catch(() => undefined)) === undefined) return undefined;
    const text = await readFile(history, 'utf8');
    const hasFault = /"evidence":\{"[^\n]*"status":"applied"/.test(text);
    return hasFault || (out === 'twice' && text.length > 50_000) ? true : undefined;
  });
}
