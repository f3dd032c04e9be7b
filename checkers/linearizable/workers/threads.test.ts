// Threads run compiled code only, so these tests run the compiled checker in a process of its own, when there is one.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { casRegister } from '../../models/cas-register.ts';
import { counter } from '../../models/counter.ts';
import { queue } from '../../models/queue.ts';
import { models } from '../../models/registry.ts';
import { historyOf } from '../history-script.fixture.ts';
import { split } from '../parts.ts';
import { randomHistory } from '../random-history.fixture.ts';
import { modelOf, referenceOf } from './model-reference.ts';
import { partHistory, shareHistory, threadHistory } from './shared-history.ts';

const compiled = new URL('../../../dist/checkers/', import.meta.url);
const isCompiled = existsSync(fileURLToPath(new URL('linearizable/workers/judge-thread.js', compiled)));
const run = promisify(execFile);

/** What the script prints as JSON; it has `budget`, `check`, `History`, `modelNamed`, `random` and `tell`. */
async function inProcess(script: string, ...flags: string[]): Promise<unknown> {
  const text = `
    const [{ budget }, { check }, { History }, { modelNamed }] = await Promise.all(
      ['checker.js', 'linearizable/check.js', 'history.js', 'models/registry.js'].map((file) => import('${compiled.href}' + file)));
    const tell = (value) => process.stdout.write(JSON.stringify(value));
    let state = 12345;
    const random = (n) => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return Math.floor(state / 2 ** 32 * n); };
    ${script}`;
  const { stdout } = await run(process.execPath, [...flags, '--input-type=module', '-e', text], {
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout);
}

/** Of all orders of eight concurrent pushes only the last that a search tries explains the pops: too much for one round. */
const hardKeys = `
  const ops = [];
  for (let key = 0; key < 2; key++) {
    const add = (op) => ops.push({ key: 'k' + key, time: ops.length, ...op });
    for (let i = 0; i < 8; i++) add({ process: key * 10 + i, f: 'push', value: i, type: 'invoke' });
    for (let i = 0; i < 8; i++) add({ process: key * 10 + i, f: 'push', value: i, type: 'ok' });
    for (let i = 0; i < 8; i++) {
      add({ process: key * 10, f: 'pop', type: 'invoke' });
      add({ process: key * 10, f: 'pop', value: i, type: 'ok' });
    }
  }
  const history = History.of(ops);
`;

/** Concurrent pushes and then pops that no order explains: the search has to go through all of them. */
const greedy = `
  const ops = [];
  for (let i = 0; i < 40; i++) ops.push({ process: i, f: 'push', value: i % 20, type: 'invoke', time: ops.length });
  for (let i = 0; i < 40; i++) ops.push({ process: i, f: 'push', value: i % 20, type: 'ok', time: ops.length });
  for (let i = 0; i < 30; i++) ops.push({ process: i, f: 'pop', type: 'invoke', time: ops.length });
  for (let i = 0; i < 30; i++) ops.push({ process: i, f: 'pop', type: 'ok', value: i === 29 ? 77 : i % 20, time: ops.length });
  const history = History.of(ops);
  const model = modelNamed('stack').make();
`;

describe.skipIf(!isCompiled)('threads', () => {
  it('come to the same verdicts as one thread alone', async () => {
    const told = (await inProcess(`${hardKeys}
      const model = modelNamed('stack').make();
      const results = [];
      for (const threads of [0, 2]) {
        const orders = [];
        const { validity, details } = await check(history, model, budget({ timeMs: 30_000 }),
          { threads, algorithm: 'wing-gong-lowe', orders: (key, order) => orders.push([key, [...order]]) });
        results.push({ validity, threads: details.threads, orders: orders.sort(), states: details.statesSearched });
      }
      tell(results);`)) as { threads: number }[];
    const [alone, together] = told;
    expect(alone?.threads).toBe(0);
    expect(together).toMatchObject({ validity: 'valid', threads: 2 });
    expect({ ...together, threads: 0 }).toEqual(alone);
  });

  it('a search in a thread hears an interruption, and leaves the process free to end', async () => {
    const told = await inProcess(`${greedy}
      let interrupted = false;
      setTimeout(() => { interrupted = true; }, 1500);
      const { validity, summary, details } = await check(history, model, budget({ interrupted: () => interrupted }));
      tell({ validity, summary, threads: details.threads });`);
    expect(told).toEqual({
      validity: 'unknown',
      summary: 'undecided: the search was interrupted',
      threads: 1,
    });
  });

  it.each([0, 2])('memory of the budget that runs out is a verdict (%i threads)', async (threads) => {
    const told = await inProcess(
      `${greedy}
      const { validity, summary } = await check(history, model, budget({ memoryBytes: 32 * 2 ** 20 }), { threads: ${threads} });
      tell({ validity, summary });`,
      '--max-old-space-size=256',
    );
    expect(told).toEqual({
      validity: 'unknown',
      summary: 'undecided: the search ran out of memory (32 MB allowed)',
    });
  });

  it.each([0, 2])('a heap that is nearly full is a verdict, not the end (%i threads)', async (threads) => {
    const told = (await inProcess(
      `${greedy}
      const { validity, summary } = await check(history, model, budget({}), { threads: ${threads} });
      tell({ validity, summary });`,
      '--max-old-space-size=128',
    )) as { validity: string; summary: string };
    expect(told.validity).toBe('unknown');
    expect(told.summary).toMatch(/ran out of memory \(\d+ MB of heap allowed by Node\.js\)$/u);
  });
});

describe('a model by reference', () => {
  it.each(models.map(({ name }) => name))('%s is made again by its name', (name) => {
    const model = modelOf({ name });
    expect(referenceOf(model)).toEqual({ name });
  });

  it('takes its first value along', () => {
    expect(referenceOf(casRegister(7))).toEqual({ name: 'cas-register', initial: 7 });
    expect(referenceOf(counter(3))).toEqual({ name: 'counter', initial: 3 });
  });

  it('is not had of what somebody changed', () => {
    expect(referenceOf({ ...queue(), step: () => ({ ok: false, why: () => '' }) })).toBeUndefined();
    expect(referenceOf({ ...counter(), key: () => 1 })).toBeUndefined();
    expect(referenceOf({ ...counter(), name: 'mine' })).toBeUndefined();
  });
});

describe('a part in a thread', () => {
  it('has the operations, rows and moves of the part that was sent', () => {
    const operations = randomHistory(3, {
      operations: 300,
      processes: 8,
      writes: 0.5,
      values: 9,
      crashed: 0.1,
    });
    const keys = ['a', 'b', 'c'];
    const history = historyOf(
      operations.map((operation) => ({
        ...operation,
        call: { ...operation.call, key: keys[operation.process % 3] ?? 'a' },
      })),
    );
    const whole = threadHistory(shareHistory(history));
    const parts = split(history, casRegister());
    if ('refusal' in parts) throw new Error(parts.refusal);
    expect(parts.parts.length).toBeGreaterThan(0);
    for (const part of parts.parts) {
      const ids = Int32Array.from({ length: part.size }, (_, row) => part.operation(row).id);
      const own = partHistory(whole, ids);
      const again = split(own.history, casRegister());
      if ('refusal' in again) throw new Error(again.refusal);
      expect(again.parts.length).toBe(1);
      expect(again.parts[0]?.moves()).toEqual(part.moves());
      expect(again.parts[0]?.operations().map(({ call, result }) => ({ call, result }))).toEqual(
        part.operations().map(({ call, result }) => ({ call, result })),
      );
      expect(again.parts[0]?.operations().map(({ id }) => own.indexes[id])).toEqual([...ids]);
    }
  });
});
