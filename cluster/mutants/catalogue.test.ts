import { describe, expect, test } from 'vitest';
import { paperRules, type Rules } from '../raft/rules.ts';
import type { Command } from '../register/command.ts';
import { RegisterMap } from '../register/register.ts';
import { type Duties, properDuties } from '../server/duties.ts';
import { mutantNamed, mutants } from './catalogue.ts';

/** Names of the functions in which a mutant differs from the product. */
function replaced({ rules, duties }: { readonly rules: Rules; readonly duties: Duties }): readonly string[] {
  const differs = (mine: object, proper: object): readonly string[] => {
    const properEntries = new Map(Object.entries(proper));
    return Object.entries(mine).flatMap(([name, rule]) => (properEntries.get(name) === rule ? [] : [name]));
  };
  return [...differs(rules, paperRules), ...differs(duties, properDuties)];
}

describe('the mutants', () => {
  test('have different names and are found by them', () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
    for (const mutant of mutants) expect(mutantNamed(mutant.name)).toBe(mutant);
    expect(mutantNamed('toString')).toBeUndefined();
  });

  test('replace what they say they break', () => {
    for (const mutant of mutants) {
      const broken = [...mutant.breaks.matchAll(/(?:rule|duty) (\w+)/g)].map(([, name]) => name);
      expect(broken.length, mutant.name).toBeGreaterThan(0);
      expect(replaced(mutant), mutant.name).toEqual(expect.arrayContaining(broken));
      expect(mutant.breaks, mutant.name).toMatch(/§\d/);
    }
  });

  test('a command that is acknowledged early is answered as if everything before it had been applied', () => {
    const duties = mutantNamed('early-ack')?.duties ?? properDuties;
    const register = new RegisterMap();
    const told = (command: Command) => duties.resultOf(command, undefined, register).kind;
    const cas = (from: number, to: number): Command => ({ op: 'cas', key: 'a', from, to });
    expect(told(cas(1, 2))).toBe('mismatch');
    expect(told({ op: 'write', key: 'a', value: 1 })).toBe('written');
    expect([told(cas(1, 2)), told(cas(1, 3)), told(cas(2, 4))]).toEqual(['swapped', 'mismatch', 'swapped']);
    register.apply({ op: 'write', key: 'a', value: 1 });
    expect([told(cas(2, 5)), told(cas(4, 5))]).toEqual(['mismatch', 'swapped']);
    register.apply({ op: 'write', key: 'a', value: 99 });
    expect(duties.resultOf(cas(5, 6), undefined, register)).toEqual({
      kind: 'mismatch',
      found: { value: 99 },
    });
    expect(duties.resultOf(cas(5, 6), { kind: 'swapped' }, register)).toEqual({ kind: 'swapped' });
  });

  test('the product never answers what was not applied', () => {
    expect(() =>
      properDuties.resultOf({ op: 'write', key: 'a', value: 1 }, undefined, new RegisterMap()),
    ).toThrow('answered before it was applied');
  });
});
