import { expect, test } from 'vitest';
import type { Json } from '../../checkers/json.ts';
import { Stream } from '../random.ts';
import type { Context, Next, OpGenerator } from './generator.ts';
import { Roster } from './roster.ts';
import { none, repeat } from './sources.ts';
import { IllFormedPlanError, validate } from './validate.ts';

function context(): Context {
  const roster = new Roster(2, Stream.of(0));
  roster.take(1);
  roster.take('nemesis');
  return roster.context(500);
}

function answering(answer: unknown): OpGenerator {
  return { next: () => answer as Next, update: () => none };
}

function op(op: unknown): unknown {
  return { kind: 'op', op, rest: none };
}

test.each<[string, unknown, string]>([
  ['a thread that is busy', op({ time: 0, thread: 1, call: { f: 'read' } }), 'thread 1 is not free'],
  [
    'a thread that does not exist',
    op({ time: 0, thread: 9, call: { f: 'read' } }),
    'thread 9 does not exist',
  ],
  ['a call without f', op({ time: 0, thread: 0, call: { value: 3 } }), 'a call needs f'],
  ['no call', op({ time: 0, thread: 0 }), 'an op needs a call'],
  [
    'a key that is no text',
    op({ time: 0, thread: 0, call: { f: 'read', key: 3 } }),
    'key of a call must be text',
  ],
  [
    'a value that is no JSON',
    op({ time: 0, thread: 0, call: { f: 'w', value: Number.NaN } }),
    'must be JSON',
  ],
  ['a function as value', op({ time: 0, thread: 0, call: { f: 'w', value: [() => 1] } }), 'must be JSON'],
  ['no time', op({ thread: 0, call: { f: 'read' } }), 'the time of an op'],
  ['no op', { kind: 'op', rest: none }, 'needs an op'],
  ['an unknown kind', { kind: 'done' }, '{"kind":"done"}'],
  ['nothing', undefined, 'answered undefined'],
  ['a rest that is no plan', { kind: 'pending', rest: {} }, '"rest" must be a plan'],
  [
    'a hint that is no number',
    { kind: 'pending', rest: none, until: Number.NaN },
    '"until" must be a number',
  ],
])('%s is refused with the rule it breaks', (_, answer, rule) => {
  const ask = () => validate(answering(answer)).next(context());
  expect(ask).toThrow(IllFormedPlanError);
  expect(ask).toThrow(rule);
});

test('a plan that throws is named with the time, and keeps its cause', () => {
  const cause = new Error('no such key');
  const plan = validate({
    next: () => {
      throw cause;
    },
    update: () => none,
  });
  const ask = () => plan.next(context());
  expect(ask).toThrow('the plan threw when asked for its next op at 500 ns: no such key');
  expect(ask).toThrow(expect.objectContaining({ cause }));
});

test.each<[string, Json]>([
  ['null', null],
  ['a list', [1, 'a', null]],
  ['an object', { a: [true] }],
])('a proper op passes unchanged, with %s as its value', (_, value) => {
  const plan = repeat({ f: 'write', key: 'k', value });
  const seen = validate(plan).next(context());
  expect(seen.kind === 'op' && seen.op).toEqual({
    time: 500,
    thread: 0,
    call: { f: 'write', key: 'k', value },
  });
});
