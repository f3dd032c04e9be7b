import { expect, it } from 'vitest';
import { budget } from '../checker.ts';
import { check } from '../linearizable/check.ts';
import { casRegister } from '../models/cas-register.ts';
import { EventQueue } from './event-queue.ts';
import { type SimulationShape, simulatedHistory } from './simulated-history.ts';

const shapes: SimulationShape[] = [
  { operations: 3_000, clients: 5, writes: 0.5 },
  { operations: 3_000, clients: 20, writes: 0.25, cas: 0.25, crashed: 0.05 },
  { operations: 3_000, clients: 20, writes: 0.2, cas: 0.2, refusedCas: 0.2, crashed: 0.01 },
  { operations: 3_000, clients: 10, writes: 0.3, cas: 0.2, keys: 7 },
  { operations: 500, clients: 4, writes: 0.25, cas: 0.25, values: 5 },
];

it.each(shapes)('what is simulated is linearizable, and has what was asked for: %o', async (shape) => {
  for (let seed = 1; seed <= 5; seed++) {
    const history = simulatedHistory(seed, shape);
    const result = await check(history, casRegister(), budget({}));
    expect(result.validity, `seed ${seed}`).toBe('valid');
    const calls = [...history].filter(({ type }) => type === 'invoke');
    expect(calls).toHaveLength(shape.operations);
    const share = (wanted: (op: (typeof calls)[number]) => boolean): number =>
      calls.filter(wanted).length / calls.length;
    const cas = (shape.cas ?? 0) + (shape.refusedCas ?? 0);
    expect(Math.abs(share(({ f }) => f === 'write') - shape.writes)).toBeLessThan(0.1);
    expect(Math.abs(share(({ f }) => f === 'cas') - cas)).toBeLessThan(0.1);
    const refused = share(({ index }) => history.type(history.partner(index)) === 'fail');
    expect(Math.abs(refused - (shape.refusedCas ?? 0))).toBeLessThan(0.1);
    const crashed = share(({ index }) => history.type(history.partner(index)) === 'info');
    expect(Math.abs(crashed - (shape.crashed ?? 0))).toBeLessThan(0.05);
  }
});

it.each(shapes.slice(0, 3))('a stale read is found, and shown by a few operations: %o', async (shape) => {
  for (let seed = 1; seed <= 5; seed++) {
    const history = simulatedHistory(seed, { ...shape, stale: true });
    const result = await check(history, casRegister(), budget({}));
    expect(result.validity, `seed ${seed}`).toBe('invalid');
    expect(result.counterexamples?.[0]?.operations.length).toBeLessThanOrEqual(6);
  }
});

it('a seed means the same history every time', () => {
  const shape = shapes[1] as SimulationShape;
  expect([...simulatedHistory(3, shape)]).toEqual([...simulatedHistory(3, shape)]);
  expect([...simulatedHistory(3, shape)]).not.toEqual([...simulatedHistory(4, shape)]);
});

it('the queue gives what was put in by time', () => {
  const queue = new EventQueue();
  const times = Array.from({ length: 500 }, (_, i) => (i * 7919) % 503);
  for (const time of times) queue.push(time, time * 2);
  const popped: number[] = [];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    expect(next.item).toBe(next.time * 2);
    popped.push(next.time);
  }
  expect(popped).toEqual([...times].sort((a, b) => a - b));
  expect(queue.size).toBe(0);
});
