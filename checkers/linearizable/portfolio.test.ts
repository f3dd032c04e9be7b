import { describe, expect, it } from 'vitest';
import { budget } from '../checker.ts';
import { illegal, legal, type Model } from '../model.ts';
import { casRegister } from '../models/cas-register.ts';
import type { RegisterState } from '../models/register.ts';
import type { Decision } from './decision.ts';
import { scripted } from './history-script.fixture.ts';
import { partOf } from './part.ts';
import { type Algorithm, judge, portfolio } from './portfolio.ts';

const limits = { budget: budget({}) };

function part(script: string, model: Model<RegisterState> = casRegister()) {
  return partOf(model, scripted(script).operations());
}

const good = part('0 invoke write 1\n0 ok write 1\n0 invoke read\n0 ok read 1');

function saying(name: string, decision: Decision, applies = true): Algorithm {
  return { name, applies: () => applies, decide: () => decision };
}

describe('of the algorithms', () => {
  it('the first that applies decides', () => {
    const invalid: Decision = { validity: 'invalid', reached: 0, longest: [], configurations: 7 };
    const [first, second] = [saying('first', invalid, false), saying('second', invalid)];
    expect(judge(good, limits, [first, second, ...portfolio])).toMatchObject({
      algorithm: 'second',
      decision: { validity: 'invalid' },
      configurations: 7,
    });
  });

  it('one that reaches its own limit leaves it to the next, and one without budget does not', () => {
    const at = (cause: 'limit' | 'time'): Decision => ({
      validity: 'unknown',
      cause,
      bytes: 0,
      configurations: 5,
    });
    expect(judge(good, limits, [saying('first', at('limit')), ...portfolio])).toMatchObject({
      algorithm: 'unique-writes',
      decision: { validity: 'valid' },
      configurations: 5,
    });
    expect(judge(good, limits, [saying('first', at('time')), ...portfolio])).toMatchObject({
      algorithm: 'first',
      decision: { validity: 'unknown', cause: 'time' },
    });
  });

  it.each([
    ['the other way round', [1, 0], 'first gave a wrong order: operation 2 is not legal'],
    [
      'with something left out',
      [0],
      'first gave a wrong order: operation 2 completed but is not in the order',
    ],
    ['with something else', [0, 1, 2], 'first gave a wrong order: row 2 is not in the part'],
  ])('none gets away with an order that is wrong: %s', (_, order, message) => {
    const wrong = saying('first', { validity: 'valid', order, configurations: 0 });
    expect(() => judge(good, limits, [wrong])).toThrow(message);
  });

  it('unique writes go to the linear one, values that come twice and other models to the rest', () => {
    const again = part('0 invoke write 1\n0 ok write 1\n0 invoke write 1\n0 ok write 1');
    const silent = casRegister();
    delete silent.move;
    expect(judge(good, limits).algorithm).toBe('unique-writes');
    expect(judge(again, limits).algorithm).not.toBe('unique-writes');
    expect(judge(partOf(silent, good.operations()), limits).algorithm).not.toBe('unique-writes');
  });
});

describe('a crashed write that nobody saw', () => {
  // A store that says of a refused cas only that it was refused.
  const secretive: Model<RegisterState> = {
    ...casRegister(),
    step: (state, call, result) => {
      if (result?.mismatch !== true) return casRegister().step(state, call, result);
      const [from] = call.value as [number, number];
      return state === from ? illegal(() => 'it was there') : legal(state);
    },
  };
  delete secretive.move;
  const script = `
    0 invoke write 0
    0 ok write 0
    1 invoke write 1
    1 info write 1
    0 invoke cas [0,2]
    0 fail cas [0,2] found absent`;

  it('may be left out where a refused cas told what it found, and counts where it did not', () => {
    expect(judge(part(script), limits).decision.validity).toBe('invalid');
    expect(judge(part(script, secretive), limits).decision.validity).toBe('valid');
    const without = script.replaceAll(/1 (?:invoke|info) write 1/gu, '');
    expect(judge(part(without, secretive), limits).decision.validity).toBe('invalid');
  });
});
