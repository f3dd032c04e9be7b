import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { History, HistoryBuilder, type NewOp } from './history.ts';
import type { Json } from './json.ts';
import {
  done,
  fail,
  fault,
  info,
  invoke,
  ok,
  type ScriptedOp,
  scripted,
} from './scripted-history.fixture.ts';
import { stats } from './stats.ts';

const unlimited = { giveUp: () => undefined };

/** The value as it comes back from a history. */
function kept(value: Json): Json | undefined {
  return scripted(invoke(0, 'write', value)).value(0);
}

describe('a history', () => {
  it('gives back every op with all its fields', () => {
    const ops: NewOp[] = [
      {
        type: 'invoke',
        process: 0,
        time: 5,
        f: 'cas',
        key: 'k',
        value: [1, 2],
        node: 'n1',
        ext: { debug: { a: 1 } },
      },
      {
        type: 'fail',
        process: 0,
        time: 9,
        f: 'cas',
        key: 'k',
        error: { code: 'cas-mismatch' },
        found: { value: 3 },
      },
      { type: 'invoke', process: 'nemesis', time: 9, f: 'kill', value: null },
    ];
    const history = History.of(ops);
    expect([...history]).toEqual(ops.map((op, index) => ({ ...op, index })));
    expect(history.length).toBe(3);
  });

  it('keeps absent, null, 0 and the empty string apart', () => {
    const history = scripted(
      invoke(0, 'write'),
      invoke(1, 'write', null),
      invoke(2, 'write', 0),
      invoke(3, 'write', ''),
    );
    expect([0, 1, 2, 3].map((index) => history.value(index))).toEqual([undefined, null, 0, '']);
    expect('value' in history.op(0)).toBe(false);
    expect('value' in history.op(1)).toBe(true);
  });

  it.each([0, 1, -1, 2 ** 31 - 2, 2 ** 31 - 1, 2 ** 31, 2 ** 53, -(2 ** 53), 1.5, 1e300, 5e-324])(
    'gives back the number %d',
    (number) => {
      expect(kept(number)).toBe(number);
    },
  );

  it('holds a value as it was, whatever its owner does to it later', () => {
    const value = [1, 2];
    const history = scripted(invoke(0, 'cas', value));
    value[0] = 9;
    expect(history.value(0)).toEqual([1, 2]);
    expect(() => (history.value(0) as number[]).push(3)).toThrow(TypeError);
  });

  it('is not changed by later appends', () => {
    const builder = new HistoryBuilder();
    builder.append({ ...invoke(0, 'read'), time: 0 });
    const early = builder.build();
    builder.append({ ...ok(0, 'read', 1), time: 1 });
    expect([early.length, early.partner(0)]).toEqual([1, -1]);
    expect([...builder.build()]).toHaveLength(2);
    expect(builder.build().partner(0)).toBe(1);
  });

  it('grows beyond its first columns', () => {
    const history = scripted(...Array.from({ length: 3000 }, (_, n) => done(n % 7, 'write', n)).flat());
    expect(history.length).toBe(6000);
    expect(history.value(5998)).toBe(2999);
    expect(history.partner(5998)).toBe(5999);
  });

  it('refuses an op that breaks a rule and stays as it was', () => {
    const builder = new HistoryBuilder();
    builder.append({ ...invoke(0, 'write', 1), time: 10 });
    expect(() => builder.append({ ...ok(0, 'write', Number.NaN), time: 11 })).toThrow(
      'value is not a JSON value: NaN',
    );
    expect(() => builder.append({ ...ok(0, 'read'), time: 11 })).toThrow(
      /completes read, but its open operation 0/,
    );
    expect(builder.append({ ...ok(0, 'write'), time: 11 })).toBe(1);
    expect(builder.build().partner(0)).toBe(1);
  });

  it.each<[string, Partial<NewOp>]>([
    ['time is 0.5', { time: 0.5 }],
    ['time is -1', { time: -1 }],
    ['time is NaN', { time: Number.NaN }],
    ['process is -1', { process: -1 }],
    ['process is 1.5', { process: 1.5 }],
    ['process is 2147483648', { process: 2 ** 31 }],
    ['ext has a field "time"', { ext: { time: 1 } }],
    ['ext is not a JSON value', { ext: { x: Number.NaN } }],
    ['value is a value nested deeper', { value: JSON.parse(`${'['.repeat(101)}${']'.repeat(101)}`) as Json }],
  ])('refuses an op of which %s', (complaint, fields) => {
    expect(() => History.of([{ type: 'invoke', process: 0, time: 0, f: 'read', ...fields }])).toThrow(
      complaint,
    );
  });

  it('a million operations take well under 1 GB', () => {
    const operations = 150_000;
    const before = heldBytes();
    const history = longHistory(operations);
    const bytesPerOp = (heldBytes() - before) / history.length;
    expect(history.length).toBe(2 * operations);
    // Some 75 as measured; 2,000,000 ops of 250 bytes would be half a gigabyte.
    expect(bytesPerOp).toBeLessThan(250);
  });
});

/** With every third operation a write and every third a cas of values never seen before, and some errors. */
function longHistory(operations: number): History {
  const builder = new HistoryBuilder();
  for (let n = 0; n < operations; n++) {
    const call = [{ f: 'read' }, { f: 'write', value: n }, { f: 'cas', value: [n - 1, n] }][n % 3] ?? {
      f: 'read',
    };
    const both = { process: n % 10, key: `k${Math.floor(n / 200)}`, node: `n${n % 5}`, ...call };
    builder.append({ type: 'invoke', time: 1000 * n, ...both });
    const failed =
      n % 20 === 5 ? { type: 'fail' as const, error: { code: 'refused' } } : { type: 'ok' as const };
    builder.append({ time: 1000 * n + 500, ...both, ...failed });
  }
  return builder.build();
}

function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe('operations', () => {
  it('join both ends, by invocation, with positions instead of times', () => {
    const history = scripted(invoke(1, 'write', 7), invoke(0, 'read'), ok(0, 'read', 7), ok(1, 'write'));
    expect(history.operations()).toEqual([
      { id: 0, process: 1, call: { f: 'write', value: 7 }, result: {}, invokedAt: 0, completedAt: 3 },
      { id: 1, process: 0, call: { f: 'read' }, result: { value: 7 }, invokedAt: 1, completedAt: 2 },
    ]);
  });

  it('carry key and node', () => {
    const history = scripted({ ...invoke(0, 'read'), key: 'k', node: 'n2' });
    expect(history.operation(0)).toMatchObject({ node: 'n2', call: { f: 'read', key: 'k' } });
  });

  it('a cas that did not match is an observation of what it found', () => {
    const found = (value: { value?: Json }): ScriptedOp => ({
      ...fail(0, 'cas', 'cas-mismatch'),
      found: value,
    });
    const result = (value: { value?: Json }) =>
      scripted(invoke(0, 'cas', [1, 2]), found(value)).operation(0)?.result;
    expect(result({ value: 3 })).toEqual({ value: 3, mismatch: true });
    expect(result({ value: null })).toEqual({ value: null, mismatch: true });
    expect(result({})).toEqual({ mismatch: true });
  });

  it('an operation without completion has an unknown outcome', () => {
    const [operation] = scripted(invoke(0, 'write', 1)).operations();
    expect(operation).toEqual({
      id: 0,
      process: 0,
      call: { f: 'write', value: 1 },
      invokedAt: 0,
      completedAt: Infinity,
    });
  });
});

describe('the nemesis', () => {
  it.each(['info', 'ok', 'fail'] as const)('pairs an invocation with its completion by %s', (type) => {
    const history = scripted(
      { type: 'invoke', process: 'nemesis', f: 'kill' },
      { type, process: 'nemesis', f: 'kill' },
      { type: 'invoke', process: 'nemesis', f: 'kill' },
    );
    expect([0, 1, 2].map((index) => history.partner(index))).toEqual([1, 0, -1]);
  });

  it('pairs the infos at both ends that Jepsen writes, and leaves one at the end alone', () => {
    const nemesis = (f: string): ScriptedOp => ({ type: 'info', process: 'nemesis', f });
    const history = scripted(
      nemesis('start'),
      nemesis('start'),
      nemesis('stop'),
      nemesis('stop'),
      nemesis('start'),
    );
    expect([0, 1, 2, 3, 4].map((index) => history.partner(index))).toEqual([1, 0, 3, 2, -1]);
  });

  it('pairs by f, whatever falls between', () => {
    const [begin, end] = fault('kill', 'applied');
    const [mark, markEnd] = fault('phase', 'applied', 'final');
    const history = scripted(...([begin, mark, markEnd, end] as ScriptedOp[]));
    expect([0, 1, 2, 3].map((index) => history.partner(index))).toEqual([3, 2, 1, 0]);
  });

  it('leaves a completion that nothing began alone', () => {
    const history = scripted({ type: 'ok', process: 'nemesis', f: 'kill' }, ...fault('kill', 'applied'));
    expect([0, 1, 2].map((index) => history.partner(index))).toEqual([-1, 2, 1]);
  });

  it('may go on after info, unlike a process', () => {
    expect(scripted(...fault('kill', 'applied'), ...fault('kill', 'applied')).length).toBe(4);
  });
});

describe('pitfalls', () => {
  it('pitfall 1: ok has a result in its interval, fail is none, info may happen at any later time', () => {
    const history = scripted(
      ...done(0, 'write', 1),
      invoke(0, 'write', 2),
      fail(0, 'write'),
      invoke(0, 'write', 3),
      info(0, 'write'),
    );
    expect(history.operations().map(({ id, result, completedAt }) => [id, result, completedAt])).toEqual([
      [0, { value: 1 }, 1],
      [4, undefined, Infinity],
    ]);
  });

  it('pitfall 13: the call is what was invoked; what the server echoes belongs into ext and is never judged', () => {
    const history = scripted(invoke(0, 'write', 1), { ...ok(0, 'write', 1), ext: { revision: 42 } });
    expect(history.operation(0)).toMatchObject({ call: { value: 1 }, result: { value: 1 } });
    expect(JSON.stringify(history.operations())).not.toContain('42');
    expect(history.op(1).ext).toEqual({ revision: 42 });
  });

  it('pitfall 14: 3, "3" and [3] stay apart, -0 is 0, null is not absent, NaN and buffers are refused', () => {
    expect([3, '3', [3]].map((value) => kept(value))).toEqual([3, '3', [3]]);
    expect(kept(-0)).toBe(0);
    expect(kept([-0])).toEqual([0]);
    expect(kept(null)).toBeNull();
    expect(kept({ b: 1, a: 2 })).toEqual({ a: 2, b: 1 });
    for (const value of [Number.NaN, Number.NEGATIVE_INFINITY, [Number.NaN], new Uint8Array(1)]) {
      expect(() => kept(value as unknown as Json)).toThrow(/not a JSON value/);
    }
  });

  it('pitfall 15: a process has one open op, and its id is retired after info', () => {
    expect(() => scripted(invoke(0, 'read'), invoke(0, 'read'))).toThrow(
      'process 0 invokes read while its operation 0 is open; a process has one at a time',
    );
    expect(() => scripted(invoke(0, 'read'), info(0, 'read'), invoke(0, 'read'))).toThrow(
      'process 0 goes on after info; its id must be retired',
    );
    expect(() => scripted(invoke(0, 'read'), info(0, 'read'), ok(0, 'read'))).toThrow(
      /without an invocation/,
    );
    expect(() => scripted(ok(0, 'read'))).toThrow(/without an invocation/);
    expect(scripted(invoke(0, 'read'), info(0, 'read'), ...done(10, 'read')).length).toBe(4);
  });

  it('pitfall 15: both ends of an operation have the same f and key', () => {
    const keyed = (op: ScriptedOp, key: string): ScriptedOp => ({ ...op, key });
    expect(() => scripted(keyed(invoke(0, 'read'), 'a'), keyed(ok(0, 'read'), 'b'))).toThrow(
      'process 0 completes read of b, but its open operation 0 is read of a; both ends have the same f and key',
    );
  });

  it('pitfall 16: times are of one monotonic clock, so one that goes back is refused', () => {
    expect(() => scripted({ ...invoke(0, 'read'), time: 5 }, { ...ok(0, 'read'), time: 4 })).toThrow(
      'time goes back from 5 to 4; it may not',
    );
  });

  it('pitfall 18: the position is the authority on order, equal times keep it', () => {
    const at = (op: ScriptedOp): ScriptedOp => ({ ...op, time: 7 });
    const history = scripted(
      at(invoke(1, 'write', 1)),
      at(ok(1, 'write')),
      at(invoke(0, 'read')),
      at(ok(0, 'read', 1)),
    );
    const [write, read] = history.operations();
    expect([write?.completedAt, read?.invokedAt]).toEqual([1, 2]);
    expect([...history].map(({ process }) => process)).toEqual([1, 1, 0, 0]);
  });

  it('pitfall 52: nemesis ops are in the history, but in no model and no count', async () => {
    const history = scripted(
      ...fault('kill', 'applied'),
      ...done(0, 'read', 1),
      ...fault('start', 'applied'),
    );
    expect(history.length).toBe(6);
    expect(history.operations().map(({ call }) => call.f)).toEqual(['read']);
    expect((await stats().check(history, unlimited)).details).toMatchObject({
      count: 1,
      byF: { read: { ok: 1 } },
    });
  });
});
