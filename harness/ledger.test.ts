import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Ledger, ledgerFile, unsettledEntries } from './ledger.ts';
import { hostIdentity, identityOf } from './os-process.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'faultline-ledger-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

test('an entry is in the file before the call returns', async () => {
  using ledger = Ledger.open(directory);
  const recorded = ledger.record('n1', { kind: 'end-group', pid: 17, startedAt: '4' });
  expect(readFileSync(join(directory, ledgerFile), 'utf8')).toMatch(/"what":"n1".*\n$/);
  await recorded;
});

test('an entry names its owner, its host and how to undo it', async () => {
  using ledger = Ledger.open(directory);
  await ledger.record('n1', { kind: 'end-group', pid: 17, startedAt: '4' });
  expect(unsettledEntries(directory)).toEqual([
    {
      id: expect.any(String),
      what: 'n1',
      undo: { kind: 'end-group', pid: 17, startedAt: '4' },
      owner: identityOf(process.pid),
      host: hostIdentity(),
      at: expect.stringMatching(/^\d{4}-.*Z$/),
    },
  ]);
});

test('settled entries are gone, the others stay in their order', async () => {
  using ledger = Ledger.open(directory);
  using another = Ledger.open(directory, { pid: 1, startedAt: '1' });
  const first = await ledger.record('first', { kind: 'end-marked', mark: 'm' });
  await another.record('second', { kind: 'docker:remove-container', name: 'c' });
  await ledger.record('third', { kind: 'end-marked', mark: 'm' });
  await another.settle(first);
  expect(unsettledEntries(directory).map(({ what }) => what)).toEqual(['second', 'third']);
});

test('a line that is cut off or no entry keeps no other entry from being read', async () => {
  using ledger = Ledger.open(directory);
  await ledger.record('first', { kind: 'end-marked', mark: 'm' });
  appendFileSync(
    join(directory, ledgerFile),
    '{"id":"x","what":"no kind","undo":{"kind":"end-group"}}\n{"id":"y',
  );
  expect(unsettledEntries(directory).map(({ what }) => what)).toEqual(['first']);
});
