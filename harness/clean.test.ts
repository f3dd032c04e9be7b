// What clean does and does not touch. That it ends what a killed controller and agent left is tested with the local
// environment.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { clean } from './clean.ts';
import { EnvironmentError } from './errors.ts';
import { Ledger, type LedgerEntry, ledgerFile, markVariable, runMark, unsettledEntries } from './ledger.ts';
import { identityOf, type ProcessIdentity, stateOf } from './os-process.ts';

let runs: string;
const started: ChildProcess[] = [];
/** A number that exists with a start that never was. */
const deadOwner = { pid: process.pid, startedAt: 'long ago' };

beforeEach(() => {
  runs = mkdtempSync(join(tmpdir(), 'faultline-clean-'));
});

afterEach(() => {
  rmSync(runs, { recursive: true, force: true });
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function runFolder(name: string): string {
  const directory = join(runs, 'register', name);
  mkdirSync(directory, { recursive: true });
  return directory;
}

function sleeper(env: Record<string, string> = {}): ProcessIdentity {
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore', env: { ...process.env, ...env } });
  started.push(child);
  const identity = identityOf(child.pid ?? 0);
  if (identity === undefined) throw new Error('sleep did not start');
  return identity;
}

test('what a dead run left is ended, what a living one has is not', async () => {
  const [dead, living] = [runFolder('1'), runFolder('2')];
  const [left, inUse] = [sleeper(), sleeper()];
  using ofTheDead = Ledger.open(dead, deadOwner);
  using ofTheLiving = Ledger.open(living);
  await ofTheDead.record('n1', { kind: 'end-group', ...left });
  await ofTheLiving.record('n1', { kind: 'end-group', ...inUse });
  symlinkSync(dead, join(runs, 'register', 'latest'));
  expect(await clean(runs)).toEqual({
    runs: [
      { directory: dead, state: 'clean', removed: [`n1 (process group ${left.pid})`], left: [] },
      { directory: living, state: 'live', removed: [], left: [] },
    ],
  });
  expect([left, inUse].map(stateOf)).toEqual(['dead', 'running']);
});

test('a process that only has the number of one that was left is not touched', async () => {
  const stranger = sleeper();
  using ledger = Ledger.open(runFolder('1'), deadOwner);
  await ledger.record('n1', { kind: 'end-group', pid: stranger.pid, startedAt: 'long ago' });
  expect((await clean(runs)).runs).toMatchObject([{ state: 'clean', removed: [] }]);
  expect(stateOf(stranger)).toBe('running');
});

test('processes that nobody wrote down are found by their mark', async () => {
  const mark = runMark();
  const left = sleeper({ [markVariable]: mark });
  using ledger = Ledger.open(runFolder('1'), deadOwner);
  await ledger.record('whatever the run started', { kind: 'end-marked', mark });
  expect((await clean(runs)).runs).toMatchObject([
    { state: 'clean', removed: [`whatever the run started (processes ${left.pid})`] },
  ]);
  expect(stateOf(left)).toBe('dead');
});

test('numbers of processes from another host mean nothing here and are left alone', async () => {
  const stranger = sleeper();
  const directory = runFolder('1');
  const entry: LedgerEntry = {
    id: '1-1',
    what: 'n1',
    undo: { kind: 'end-group', ...stranger },
    owner: deadOwner,
    host: 'another boot',
    at: '2026-01-01T00:00:00.000Z',
  };
  writeFileSync(join(directory, ledgerFile), `${JSON.stringify(entry)}\n`);
  expect((await clean(runs)).runs).toEqual([{ directory, state: 'elsewhere', removed: [], left: [] }]);
  expect(stateOf(stranger)).toBe('running');
  expect(unsettledEntries(directory)).toHaveLength(1);
});

test('an environment brings its own way to undo, newest entries first; what it cannot undo is told', async () => {
  const directory = runFolder('1');
  using ledger = Ledger.open(directory, deadOwner);
  await ledger.record('network', { kind: 'docker:remove-network', name: 'net' });
  await ledger.record('container n1', { kind: 'docker:remove-container', name: 'n1' });
  await ledger.record('container n2', { kind: 'docker:remove-container', name: 'n2' });
  const asked: unknown[] = [];
  const report = await clean(runs, {
    'docker:remove-container': async ({ name }) => {
      asked.push(name);
      if (name === 'n1') throw new EnvironmentError('no engine answers');
      return `container ${JSON.stringify(name)}`;
    },
  });
  expect(asked).toEqual(['n2', 'n1']);
  expect(report.runs).toEqual([
    {
      directory,
      state: 'dirty',
      removed: ['container "n2"'],
      left: [
        { what: 'container n1', why: 'no engine answers' },
        { what: 'network', why: 'nobody here knows how to undo "docker:remove-network"' },
      ],
    },
  ]);
  expect(unsettledEntries(directory).map(({ what }) => what)).toEqual(['network', 'container n1']);
});

test('a folder of runs that is not there is the error that says so', async () => {
  await expect(clean(join(runs, 'nowhere'))).rejects.toThrow(/cannot read the folder of runs .*nowhere/);
});
