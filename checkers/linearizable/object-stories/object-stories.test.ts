// One literal sentence for each classic shape of objects that are no registers.

import { describe, expect, it } from 'vitest';
import { budget } from '../../checker.ts';
import type { Model } from '../../model.ts';
import { counter } from '../../models/counter.ts';
import { fencedLock } from '../../models/fenced-lock.ts';
import { list } from '../../models/list.ts';
import { map } from '../../models/map.ts';
import { mutex } from '../../models/mutex.ts';
import { queue } from '../../models/queue.ts';
import { set } from '../../models/set.ts';
import { stack } from '../../models/stack.ts';
import { check } from '../check.ts';
import { scripted } from '../history-script.fixture.ts';

/** `1: enqueue 1` is a call that is over before the next begins; lines with `invoke` or `ok` are taken as they are. */
function script(lines: string): string {
  return lines
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .flatMap((line) => {
      const match = /^(\d+): (\w+)(?: (\S+))?(?: -> (\S+))?$/u.exec(line);
      if (match === null) return [line];
      const [, process, f, value, told] = match;
      return [
        `${process} invoke ${f}${value === undefined ? '' : ` ${value}`}`,
        `${process} ok ${f}${told === undefined ? '' : ` ${told}`}`,
      ];
    })
    .join('\n');
}

async function told(model: Model<unknown>, lines: string): Promise<readonly [string, string]> {
  const result = await check(scripted(script(lines)), model, budget({}));
  expect(result.validity).toBe('invalid');
  const [first] = result.counterexamples ?? [];
  if (first === undefined) throw new Error('no counterexample');
  expect(first.deadEnds.length).toBeGreaterThan(0);
  for (const line of [...first.observed, ...first.because])
    expect(line).not.toMatch(/undefined|NaN|Infinity/u);
  return [first.shape, first.sentence];
}

const cases: readonly (readonly [string, () => Model<unknown>, string, string, string])[] = [
  [
    'queue: a value nobody enqueued',
    queue,
    '1: enqueue 1\n2: dequeue -> 7\n3: enqueue 7',
    'never-written',
    'value never enqueued: process 2 dequeued 7 at 0.003 s, which nobody had enqueued yet: the enqueue of 7 (operation 4) by process 3 began only at 0.004 s',
  ],
  [
    'queue: a value twice',
    queue,
    '1: enqueue 1\n2: dequeue -> 1\n1: enqueue 2\n3: dequeue -> 1',
    'taken-twice',
    'dequeued twice: 1 was dequeued by process 2 at 0.003 s and again by process 3 at 0.007 s, though it had been enqueued once only',
  ],
  [
    'queue: out of order',
    queue,
    '1: enqueue 1\n1: enqueue 2\n2: dequeue -> 2\n3: dequeue -> 1',
    'out-of-order',
    'out of order: process 2 dequeued 2 at 0.005 s, though 1 had been enqueued before it and had not come out',
  ],
  [
    'queue: empty while something was there',
    queue,
    '1: enqueue 1\n2: dequeue\n3: dequeue -> 1',
    'wrongly-empty',
    'lost value: process 2 found the queue empty at 0.003 s, though the enqueue of 1 (operation 0) by process 1 had been acknowledged at 0.001 s and nobody began to dequeue it before 0.004 s',
  ],
  [
    'queue: lost',
    queue,
    '1: enqueue 1\n2: dequeue\n1: enqueue 2',
    'wrongly-empty',
    'lost value: process 2 found the queue empty at 0.003 s, though the enqueue of 1 (operation 0) by process 1 had been acknowledged at 0.001 s and nobody ever dequeued it',
  ],
  [
    'stack: a value nobody pushed',
    stack,
    '1: push 1\n2: pop -> 7',
    'never-written',
    'value never pushed: process 2 popped 7 at 0.003 s, which nobody had pushed',
  ],
  [
    'stack: a value twice',
    stack,
    '1: push 1\n2: pop -> 1\n3: pop -> 1',
    'taken-twice',
    'popped twice: 1 was popped by process 2 at 0.003 s and again by process 3 at 0.005 s, though it had been pushed once only',
  ],
  [
    'stack: out of order',
    stack,
    '1: push 1\n1: push 2\n2: pop -> 1\n3: pop -> 2',
    'out-of-order',
    'out of order: process 2 popped 1 at 0.005 s, though 2 lay on top of it and had not come off',
  ],
  [
    'stack: empty while something was there',
    stack,
    '1: push 1\n2: pop',
    'wrongly-empty',
    'lost value: process 2 found the stack empty at 0.003 s, though the push of 1 (operation 0) by process 1 had been acknowledged at 0.001 s and nobody ever popped it',
  ],
  [
    'set: an element lost',
    set,
    '1: add 1\n1: add 2\n2: read -> [2]',
    'lost-element',
    'lost element: the add of 1 (operation 0) by process 1 was acknowledged at 0.001 s, but process 2 read [2] at 0.005 s, and nobody had begun to remove it',
  ],
  [
    'set: an element lost, asked for it',
    set,
    '1: add 1\n2: contains 1 -> false',
    'lost-element',
    'lost element: the add of 1 (operation 0) by process 1 was acknowledged at 0.001 s, but process 2 was told that 1 is not in the set at 0.003 s, and nobody had begun to remove it',
  ],
  [
    'set: an element resurrected',
    set,
    '1: add 1\n1: remove 1\n2: contains 1 -> true',
    'resurrected-element',
    'resurrected element: the remove of 1 (operation 2) by process 1 was acknowledged at 0.003 s, but process 2 was told that 1 is in the set at 0.005 s, and nobody had begun to add it again',
  ],
  [
    'set: reads in no one order',
    set,
    '1 invoke add 1\n2 invoke add 2\n3: read -> [1]\n4: read -> [2]\n1 ok add 1\n2 ok add 2',
    'reads-disagree',
    'reads not in one order: process 3 saw 1 without 2 by 0.003 s, and process 4 saw 2 without 1 by 0.005 s, though neither was ever removed',
  ],
  [
    'counter: a value that cannot be',
    counter,
    '1: add 1\n2 invoke add 2\n3: read -> 4\n2 ok add 2',
    'impossible-count',
    'impossible count: process 3 read 4 at 0.004 s, though it was from 1 to 3 all the while',
  ],
  [
    'mutex: two holders',
    mutex,
    '1: acquire\n2: acquire',
    'two-holders',
    'two holders: process 1 acquired the lock at 0.001 s and process 2 acquired the lock at 0.003 s, and nobody had begun to release it in between',
  ],
  [
    'mutex: released by another',
    mutex,
    '1: acquire "a"\n2: release "b"',
    'released-by-another',
    'released by one who did not hold it: process 2 released the lock as "b" at 0.003 s, though "b" had never acquired it and process 1 held it since 0.001 s',
  ],
  [
    'mutex: released though free',
    mutex,
    '1: acquire\n1: release\n2: release',
    'released-by-another',
    'released by one who did not hold it: process 2 released the lock at 0.005 s, though nobody had acquired it again',
  ],
  [
    'fenced lock: the token went back',
    fencedLock,
    '1: acquire -> 4\n1: release\n2: acquire -> 3',
    'token-went-back',
    'token went back: process 2 acquired the lock with the token 3 at 0.005 s, after process 1 acquired the lock with the token 4 at 0.001 s',
  ],
  [
    'list: reads that contradict each other',
    list,
    '1 invoke append 1\n2 invoke append 2\n3: read -> [1,2]\n4: read -> [2,1]\n1 ok append 1\n2 ok append 2',
    'reads-disagree',
    'reads that contradict each other: process 3 read [1,2] at 0.003 s and process 4 read [2,1] at 0.005 s, though of a list that only grows one must be the beginning of the other',
  ],
  [
    'list: a lost append',
    list,
    '1: append 1\n1: append 2\n3: read -> [2]',
    'lost-append',
    'lost append: the append of 1 (operation 0) by process 1 was acknowledged at 0.001 s, but process 3 read [2] at 0.005 s, without it',
  ],
  [
    'list: reads going backwards',
    list,
    '1 invoke append 1\n3: read -> [1]\n4: read -> []\n1 ok append 1',
    'reads-backwards',
    'reads going backwards: process 4 read [] at 0.004 s, after process 3 read [1] at 0.002 s',
  ],
  [
    'list: a value nobody appended',
    list,
    '1: append 1\n3: read -> [1,9]',
    'never-written',
    'value never appended: process 3 read [1,9] at 0.003 s, though nobody had begun to append 9',
  ],
  [
    'map: a torn read',
    map,
    '1: write {"a":1,"b":1}\n2: write {"a":2,"b":2}\n3: read ["a","b"] -> {"a":2,"b":1}',
    'torn-read',
    'torn read: process 3 read {"a":2,"b":1} at 0.005 s, with "a" as the write of {"a":2,"b":2} (operation 2) left it and "b" as it had been before, though that write changes both at once',
  ],
];

describe('the classic shapes of other objects in words', () => {
  it.each(cases)('%s', async (_, model, lines, shape, sentence) => {
    expect(await told(model(), lines)).toEqual([shape, sentence]);
  });
});
