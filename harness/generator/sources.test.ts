import { expect, test } from 'vitest';
import { pipe } from './generator.ts';
import { imperfect, lines, perfect, perfectInfo, quick } from './simulate.ts';
import { fromFunction, none, repeat, sequence } from './sources.ts';
import { onClients } from './threads.ts';

test('nothing is done by none', () => {
  expect(perfect(none)).toEqual([]);
});

test('a sequence makes each call once, in order', () => {
  const calls = [{ f: 'write', key: 'x', value: 1 }, { f: 'cas', key: 'x', value: [1, 2] }, { f: 'read' }];
  expect(lines(perfect(pipe(sequence(calls), onClients), { threads: 1 }))).toEqual([
    '0 p0 invoke write x=1',
    '10 p0 ok write x=1',
    '10 p0 invoke cas x=[1,2]',
    '20 p0 ok cas x=[1,2]',
    '20 p0 invoke read',
    '30 p0 ok read',
  ]);
});

test('a function is asked for its calls by number until it has none, and free threads share them', () => {
  const plan = fromFunction((n) => (n < 5 ? { f: 'write', value: n } : undefined));
  expect(lines(perfect(pipe(plan, onClients)))).toEqual([
    '0 p0 invoke write =0',
    '0 p1 invoke write =1',
    '10 p0 ok write =0',
    '10 p1 ok write =1',
    '10 p0 invoke write =2',
    '10 p1 invoke write =3',
    '20 p0 ok write =2',
    '20 p1 ok write =3',
    '20 p0 invoke write =4',
    '30 p0 ok write =4',
  ]);
});

test('a function sees the thread that its call goes to', () => {
  const plan = fromFunction((n, { free }) => (n < 20 ? { f: 'read', value: free[0] ?? null } : undefined));
  for (const op of quick(pipe(plan, onClients), { threads: 3 })) expect(op.value).toBe(op.process);
});

test('a repeated call is made as often as was said', () => {
  expect(quick(repeat({ f: 'read' }, 7))).toHaveLength(14);
});

test('a thread whose call ends as info goes on as the next process', () => {
  expect(lines(perfectInfo(pipe(repeat({ f: 'read' }, 3), onClients)))).toEqual([
    '0 p0 invoke read',
    '0 p1 invoke read',
    '10 p0 info read',
    '10 p1 info read',
    '10 p2 invoke read',
    '20 p2 info read',
  ]);
});

test('in the imperfect world calls fail, are unknown and are ok in turn', () => {
  expect(lines(imperfect(pipe(repeat({ f: 'read' }, 4), onClients), { threads: 1 }))).toEqual([
    '0 p0 invoke read',
    '10 p0 fail read',
    '10 p0 invoke read',
    '20 p0 info read',
    '20 p1 invoke read',
    '30 p1 ok read',
    '30 p1 invoke read',
    '40 p1 fail read',
  ]);
});
