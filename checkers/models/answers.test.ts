// What the models answer, written as scripts: calls with their results, one after the other, and the first that is wrong.

import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import type { Result } from '../op.ts';
import { InitialValueError } from './initial.ts';
import { modelNamed } from './registry.ts';

/**
 * A call and what it told. Without a third member it told no value; `info`: nothing is known of it; `{ found }`: it was
 * refused with what it found.
 */
type Line = readonly [f: string, value: Json | undefined, told?: Json];

const read = (told?: Json): Line => (told === undefined ? ['read', undefined] : ['read', undefined, told]);

/** Why the first illegal line is illegal, and the state in words before it; undefined when all are legal. */
function firstWrong(name: string, lines: readonly Line[], initial?: Json): string | undefined {
  const model = modelNamed(name)?.make(initial);
  if (model === undefined) throw new Error(`no model ${name}`);
  let state = model.init();
  for (const [f, value, told] of lines) {
    const call = value === undefined ? { f } : { f, value };
    expect(model.refuses?.(call)).toBeUndefined();
    const step = model.step(state, call, resultOf(told));
    if (!step.ok) return step.why();
    state = step.state;
  }
  return undefined;
}

function resultOf(told: Line[2]): Result | undefined {
  if (told === 'info') return undefined;
  if (told === undefined) return {};
  const found = typeof told === 'object' && told !== null && 'found' in told ? told.found : undefined;
  return found === undefined ? { value: told } : { value: found, mismatch: true };
}

const good: [string, Line[], Json?][] = [
  ['versioned-register', [read(), ['write', 'a', [1, 'a']], read([1, 'a']), ['cas', ['a', 'b'], [2, 'b']]]],
  ['versioned-register', [['write', 'a'], ['write', 'a', 'a'], ['cas', ['a', 'b']], read([3, 'b'])]],
  ['versioned-register', [read([7, 'x']), ['write', 'y', [8, 'y']]], [7, 'x']],
  [
    'versioned-register',
    [['write', 1], ['cas', [2, 3], { found: [1, 1] }], ['cas', [2, 3], 'info'], read([1, 1])],
  ],
  [
    'map',
    [
      ['read', ['a', 'b'], {}],
      ['write', { a: 1, b: 2 }],
      ['read', ['a'], { a: 1 }],
    ],
  ],
  [
    'map',
    [
      ['write', { a: 1 }],
      ['cas', { a: [1, 2], b: [3, 4] }, { found: { a: 1 } }],
      ['cas', { a: [1, 5] }],
    ],
  ],
  [
    'map',
    [
      ['read', ['a', '__proto__'], { a: 1 }],
      ['write', { __proto__x: 1 }],
    ],
    { a: 1 },
  ],
  [
    'mutex',
    [
      ['acquire', undefined],
      ['release', undefined],
      ['acquire', 'x'],
      ['acquire', 'y', 'info'],
      ['release', 'x'],
    ],
  ],
  [
    'fenced-lock',
    [
      ['acquire', 'x', 3],
      ['release', 'x'],
      ['acquire', 'y', 'y'],
      ['release', 'y'],
      ['acquire', 'x', 4],
    ],
  ],
  ['counter', [['add', 5, 5], ['add', -7], read(-2), ['add', 2, 'info'], read(0)]],
  ['counter', [read(4)], 4],
  [
    'set',
    [
      ['add', 1, true],
      ['add', 1, false],
      ['add', 'x'],
      read(['x', 1]),
      ['remove', 1, true],
      ['contains', 1, false],
    ],
  ],
  ['set', [read(), read([]), ['remove', 1], ['remove', 1, false], ['contains', 1, false]]],
  [
    'queue',
    [
      ['dequeue', undefined],
      ['enqueue', 1],
      ['enqueue', 2],
      ['enqueue', 3],
      ['dequeue', undefined, 1],
      ['enqueue', 4],
      ['dequeue', undefined, 2],
      ['dequeue', undefined, 3],
      ['dequeue', undefined, 4],
      ['dequeue', undefined],
    ],
  ],
  [
    'queue',
    [
      ['dequeue', undefined, 1],
      ['dequeue', undefined, 'info'],
      ['dequeue', undefined, 'info'],
      ['dequeue', undefined],
    ],
    [1, 2],
  ],
  [
    'stack',
    [
      ['pop', undefined],
      ['push', 1],
      ['push', 2],
      ['pop', undefined, 2],
      ['push', 3],
      ['pop', undefined, 3],
      ['pop', undefined, 1],
    ],
  ],
  ['list', [read(), read([]), ['append', 'a'], ['append', 'b'], read(['a', 'b'])]],
];

const bad: [string, Line[], string, Json?][] = [
  ['versioned-register', [['write', 'a', [2, 'a']]], 'its write told [2,"a"] where the next was [1,"a"]'],
  ['versioned-register', [['write', 'a'], read()], 'it read absent where the value was [1,"a"]'],
  [
    'versioned-register',
    [
      ['write', 1],
      ['cas', [2, 3]],
    ],
    'its cas from 2 succeeded where the value was [1,1]',
  ],
  [
    'versioned-register',
    [
      ['write', 1],
      ['cas', [1, 3], { found: [1, 1] }],
    ],
    'its cas was refused for finding 1, the very value it asked for',
  ],
  [
    'map',
    [
      ['write', { a: 1 }],
      ['read', ['a', 'b'], {}],
    ],
    'it read {} where the map was {"a":1}',
  ],
  [
    'map',
    [
      ['write', { a: 1 }],
      ['read', ['b'], { a: 1 }],
    ],
    'it read {"a":1} where the map was {"a":1}',
  ],
  [
    'map',
    [
      ['write', { a: 1 }],
      ['cas', { a: [1, 2], b: [3, 4] }],
    ],
    'its cas of "b" from 3 succeeded where the map was {"a":1}',
  ],
  [
    'map',
    [
      ['write', { a: 1 }],
      ['cas', { a: [1, 2] }, { found: { a: 1 } }],
    ],
    'its cas was refused where the map was {"a":1}, all that it asked for',
  ],
  [
    'mutex',
    [
      ['acquire', 'x'],
      ['acquire', 'y'],
    ],
    'it acquired what was held by "x"',
  ],
  [
    'mutex',
    [
      ['acquire', 'x'],
      ['release', 'y'],
    ],
    'it released what was held by "x"',
  ],
  ['mutex', [['release', undefined]], 'it released what was free'],
  [
    'fenced-lock',
    [
      ['acquire', 'x', 3],
      ['release', 'x'],
      ['acquire', 'y', 3],
    ],
    'it got the token 3 after 3',
  ],
  ['fenced-lock', [['acquire', 'x', 'y']], 'its token "y" is no integer'],
  [
    'counter',
    [
      ['add', 5],
      ['add', 1, 5],
    ],
    'its add told 5 where 5 became 6',
  ],
  ['counter', [read(1)], 'it read 1 where the value was 0'],
  ['set', [['add', 1, false]], 'its add told false where 1 was not in it'],
  ['set', [['add', 1], read([1, 1])], 'it read [1,1] where the set was {1}'],
  ['set', [['add', 1], ['add', 2], read([1, 1])], 'it read [1,1] where the set was {1, 2}'],
  ['set', [['contains', 1]], 'it was told nothing of 1, which was not in it'],
  [
    'queue',
    [
      ['enqueue', 1],
      ['enqueue', 2],
      ['dequeue', undefined, 2],
    ],
    'it dequeued 2 where 1 was first',
  ],
  [
    'queue',
    [
      ['enqueue', 1],
      ['dequeue', undefined],
    ],
    'it dequeued nothing where 1 was first',
  ],
  ['queue', [['dequeue', undefined, 1]], 'it dequeued 1 where the queue was empty'],
  [
    'stack',
    [
      ['push', 1],
      ['push', 2],
      ['pop', undefined, 1],
    ],
    'it popped 1 where 2 was on top',
  ],
  ['list', [['append', 1], read([1, 1])], 'it read [1,1] where the list was [1]'],
  ['list', [['append', 1], ['append', 2], read([2, 1])], 'it read [2,1] where the list was [1,2]'],
];

describe('the models', () => {
  it.each(good)('%s: legal %j', (name, lines, initial) => {
    expect(firstWrong(name, lines, initial)).toBeUndefined();
  });

  it.each(bad)('%s: illegal %j', (name, lines, why, initial) => {
    expect(firstWrong(name, lines.slice(0, -1), initial)).toBeUndefined();
    expect(firstWrong(name, lines, initial)).toBe(why);
  });

  it.each([
    [
      'versioned-register',
      3,
      'a versioned-register cannot start from 3; allowed: [version, value], the version an integer from 0',
    ],
    ['map', [1], 'a map cannot start from [1]; allowed: an object of keys and values'],
    ['mutex', 'x', 'a mutex cannot start from "x"; allowed: nothing, since it is free at first'],
    ['fenced-lock', 1, 'a fenced-lock cannot start from 1; allowed: nothing, since it is free at first'],
    ['counter', 1.5, 'a counter cannot start from 1.5; allowed: an integer'],
    ['set', 1, 'a set cannot start from 1; allowed: a list of values'],
    ['queue', {}, 'a queue cannot start from {}; allowed: a list of values'],
  ] as [string, Json, string][])('%s does not start from %j', (name, initial, why) => {
    expect(() => modelNamed(name)?.make(initial)).toThrow(new InitialValueError(why));
  });

  it.each([
    ['versioned-register', { f: 'write' }, 'a write needs a value'],
    ['map', { f: 'read' }, 'a read needs a list of keys'],
    ['map', { f: 'read', value: [1] }, 'a read needs a list of keys'],
    ['map', { f: 'write', value: {} }, 'a write needs an object of keys and values'],
    ['map', { f: 'cas', value: { a: 1 } }, 'a cas needs an object of keys and pairs [from, to]'],
    ['mutex', { f: 'lock' }, 'a mutex has acquire and release only'],
    ['counter', { f: 'add', value: 0.5 }, 'an add needs an integer'],
    ['set', { f: 'contains' }, 'a contains needs a value'],
    ['queue', { f: 'enqueue' }, 'an enqueue needs a value'],
    ['stack', { f: 'peek' }, 'a stack has push and pop only'],
    ['list', { f: 'append' }, 'an append needs a value'],
  ] as const)('%s refuses %j', (name, call, why) => {
    expect(modelNamed(name)?.make().refuses?.(call)).toBe(why);
  });
});
