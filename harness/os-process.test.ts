import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import {
  eventually,
  hostIdentity,
  identityOf,
  killGroup,
  livingInGroup,
  livingWithVariable,
  type ProcessIdentity,
  procTable,
  psTable,
  send,
  stateOf,
} from './os-process.ts';

const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function sleeper(options: { detached?: boolean; env?: Record<string, string> } = {}): {
  child: ChildProcess;
  identity: ProcessIdentity;
} {
  const child = spawn('sleep', ['60'], {
    detached: options.detached ?? true,
    env: { ...process.env, ...options.env },
    stdio: 'ignore',
  });
  started.push(child);
  const identity = identityOf(child.pid ?? 0);
  if (identity === undefined) throw new Error('sleep did not start');
  return { child, identity };
}

test('/proc and ps tell the same of a process', () => {
  const { identity } = sleeper();
  const fromProc = procTable.read(identity.pid);
  const fromPs = psTable.read(identity.pid);
  expect(fromPs?.group).toBe(fromProc?.group);
  // It may fall asleep between the two looks; neither may call it stopped or dead.
  for (const state of [fromPs?.state, fromProc?.state]) expect(state).toMatch(/^[RSD]/);
  expect(psTable.all().map(({ pid }) => pid)).toContain(identity.pid);
  expect(procTable.all().map(({ pid }) => pid)).toContain(identity.pid);
});

test('ps names the same start whenever it is asked, and nothing where there is no process', () => {
  const first = psTable.read(process.pid);
  expect(first?.startedAt).toMatch(/\d{4}$/);
  expect(psTable.read(process.pid)).toMatchObject({ startedAt: first?.startedAt });
  expect(psTable.read(2 ** 22 + 1)).toBeUndefined();
});

test('the state follows signals', async () => {
  const { child, identity } = sleeper();
  expect(stateOf(identity)).toBe('running');
  send(identity.pid, 'SIGSTOP');
  expect(await eventually(() => stateOf(identity) === 'paused', 2_000)).toBe(true);
  send(identity.pid, 'SIGCONT');
  expect(await eventually(() => stateOf(identity) === 'running', 2_000)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(stateOf(identity)).toBe('dead');
});

test('a process with another start is another process, and is neither seen nor killed', async () => {
  const { identity } = sleeper();
  const former = { pid: identity.pid, startedAt: 'long ago' };
  expect(stateOf(former)).toBe('dead');
  expect(livingInGroup(former)).toEqual([]);
  killGroup(former);
  expect(await eventually(() => stateOf(identity) !== 'running', 50)).toBe(false);
  killGroup(identity);
  expect(await eventually(() => stateOf(identity) === 'dead', 2_000)).toBe(true);
});

test('processes are found by a variable in their environment, by its whole value only', () => {
  const { identity } = sleeper({ env: { FAULTLINE_TRIAL: 'abc' } });
  sleeper({ env: { FAULTLINE_TRIAL: 'abcd' } });
  expect(livingWithVariable('FAULTLINE_TRIAL', 'abc').map(({ pid }) => pid)).toEqual([identity.pid]);
});

test('a signal to nobody is told, not thrown', () => {
  expect(send(2 ** 22 - 1, 'SIGCONT')).toBe(false);
});

test('the host has one name as long as it runs', () => {
  expect(hostIdentity()).toBe(hostIdentity());
  expect(hostIdentity()).not.toContain('unknown');
});
