import { expect, test } from 'vitest';
import { UsageError } from '../harness/errors.ts';
import { systemNamed, systems } from './systems.ts';

test('every system is made under the name that it is chosen by', () => {
  for (const system of systems) {
    const { name, nodes, about } = system;
    expect(system.make({}).name).toBe(name);
    expect(about).not.toBe('');
    expect(nodes.usual).toBeGreaterThanOrEqual(nodes.least);
    expect(nodes.usual).toBeLessThanOrEqual(nodes.most);
  }
  expect(new Set(systems.map(({ name }) => name)).size).toBe(systems.length);
});

test('only our own register has mutants', () => {
  expect(systemNamed('register')?.make({ mutant: 'stale-read' }).description).toMatchObject({
    mutant: 'stale-read',
  });
  for (const system of systems.filter(({ name }) => name !== 'register')) {
    expect(() => system.make({ mutant: 'stale-read' }), system.name).toThrow(UsageError);
  }
  expect(systemNamed('mongodb')).toBeUndefined();
});

test('what runs where our own programs alone are installed says so', () => {
  const ours = systems.filter((system) => system.make({}).software === undefined);
  expect(ours.map(({ name }) => name)).toEqual(['register']);
});
