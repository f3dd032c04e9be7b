import { expect, it } from 'vitest';
import type { Model } from '../checkers/model.ts';
import { register } from '../checkers/models/register.ts';
import type { Op } from '../checkers/op.ts';
import { FailFast } from './fail-fast.ts';

const ops = (...pairs: readonly [f: string, value: number | undefined][]): Op[] =>
  pairs.flatMap(([f, value], i): Op[] => {
    const both = { process: 0, f, key: 'a' };
    const told = value === undefined ? both : { ...both, value };
    return [
      { ...(f === 'read' ? both : told), type: 'invoke', index: 2 * i, time: 2 * i },
      { ...told, type: 'ok', index: 2 * i + 1, time: 2 * i + 1 },
    ];
  });

function watched(model: Model<unknown>, history: readonly Op[]): { failFast: FailFast; notes: string[] } {
  const notes: string[] = [];
  const failFast = new FailFast(model, (text) => notes.push(text));
  for (const op of history) failFast.watch(op);
  return { failFast, notes };
}

it('ends the run at the first violation, and says why once', () => {
  const stale = ops(['write', 1], ['write', 2], ['read', 1]);
  expect(watched(register(), stale.slice(0, -1)).failFast.signal.aborted).toBe(false);
  const { failFast, notes } = watched(register(), [...stale, ...stale]);
  expect(failFast.signal.aborted).toBe(true);
  expect(failFast.found).toContain('key a has no legal order with operation 4, because');
  expect(notes).toEqual([`--fail-fast ends the run: ${failFast.found}`]);
});

it('lets a run go on that it cannot judge, and says so once', () => {
  const { failFast, notes } = watched(register(), ops(['append', 1], ['append', 2]));
  expect(failFast.signal.aborted).toBe(false);
  expect(notes).toHaveLength(1);
  expect(notes[0]).toContain('cannot be judged');
});

it('lets a run go on when its checker breaks', () => {
  const broken = {
    ...register(),
    key: () => {
      throw new Error('no key today');
    },
  };
  const { failFast, notes } = watched(
    { ...broken, init: () => undefined, move: undefined } as never,
    ops(['write', 1]),
  );
  expect(failFast.signal.aborted).toBe(false);
  expect(notes).toEqual(['--fail-fast watches no more: no key today']);
});
