import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.ts';
import { composeNemesis } from './compose.ts';
import {
  faultBands,
  faultDescriptions,
  faultNames,
  faultNeeds,
  faultSets,
  makeFault,
  parseFaultNames,
  usualFaults,
} from './registry.ts';
import { FakeCluster } from './testdata/fake-cluster.ts';

function complaint(text: string): string {
  try {
    parseFaultNames(text, { flag: '--nemesis' });
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  throw new Error(`"${text}" was taken`);
}

describe('the faults by name', () => {
  it('are described without any environment, one line each', () => {
    expect(faultNames.join(' ')).toBe(
      'partition loss slow delay reset duplicate reorder pause freeze slow-cpu disk-full disk-read-only ' +
        'kill power terminate crash-loop clock monotonic',
    );
    for (const { about } of [...faultDescriptions, ...faultSets]) expect(about).toMatch(/^[^\n]{8,110}$/);
  });

  it('have the colours that people know, and each its own', () => {
    const bands = faultBands(faultNames);
    expect(bands.map(({ name, colour }) => [name, colour])).toEqual(
      expect.arrayContaining([
        ['partition', '#E9DCA0'],
        ['loss', '#D1E8A0'],
        ['pause', '#A0B1E9'],
        ['kill', '#E9A4A0'],
        ['clock', '#A0E9E3'],
      ]),
    );
    for (const { colour } of bands) expect(colour).toMatch(/^#[0-9A-F]{6}$/);
    expect(new Set(bands.map(({ colour }) => colour)).size).toBe(faultNames.length);
  });

  it('are listed in the order in which they are restored, and no call belongs to two of them', () => {
    const cluster = new FakeCluster(3);
    const made = faultNames.map((name) => makeFault(name, cluster.context()));
    const order = made.map(({ nemesis }) => nemesis.restoreOrder ?? Infinity);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    composeNemesis(made, { timer: cluster.timer, timeoutMs: 1_000 });
  });

  it('say what they need of an environment', () => {
    const needs = faultNames.map((name) => `${name}: ${faultNeeds(name).join(' ')}`).join('; ');
    expect(needs).toBe(
      'partition: ; loss: loss; slow: limit; delay: delay; reset: reset; duplicate: duplicate; reorder: reorder; ' +
        'pause: ; freeze: freeze; slow-cpu: cpu; disk-full: disk-full; disk-read-only: disk-read-only; ' +
        'kill: ; power: power; terminate: ; crash-loop: ; clock: clock; monotonic: clock-monotonic',
    );
  });

  it('are made as they are described, and their bands name calls that they answer to', () => {
    const context = new FakeCluster(3).context();
    for (const description of faultDescriptions) {
      const fault = makeFault(description.name, context);
      expect(fault).toMatchObject({ ...description });
      expect(fault.nemesis.fs).toEqual([...fault.band.from, ...fault.band.to]);
    }
    expect(() => makeFault('flood', context)).toThrow('no such fault: flood');
  });

  it('are read from a list, each once, in the order of their repair', () => {
    expect(parseFaultNames('kill, partition,kill')).toEqual(['partition', 'kill']);
    expect(parseFaultNames('clock,slow,kill,delay')).toEqual(['slow', 'delay', 'kill', 'clock']);
    expect(parseFaultNames('none')).toEqual([]);
  });

  it('all means the usual faults, or what its environment says', () => {
    expect(parseFaultNames('all')).toEqual(usualFaults);
    expect(parseFaultNames('all,kill,delay', { all: [...usualFaults, 'clock'] })).toEqual([
      'partition',
      'delay',
      'pause',
      'kill',
      'clock',
    ]);
    expect(parseFaultNames('none', { all: ['clock'] })).toEqual([]);
    expect(usualFaults.flatMap(faultNeeds)).toEqual([]);
  });

  it('a clock that jumps and a monotonic one that is bent are not had together', () => {
    expect(complaint('clock,monotonic')).toBe(
      "--nemesis: 'clock' and 'monotonic' exclude each other; name one of them",
    );
  });

  it('a name that does not exist is one line with what is allowed and what was probably meant', () => {
    const allowed = `allowed: ${faultNames.join(', ')}, all, none`;
    expect(complaint('partion,kill')).toBe(
      `--nemesis: unknown fault 'partion'; ${allowed}; did you mean 'partition'?`,
    );
    expect(complaint('flood')).toBe(`--nemesis: unknown fault 'flood'; ${allowed}`);
    expect(complaint('kill,')).toBe(`--nemesis: a name is missing in 'kill,'; ${allowed}`);
    expect(complaint('')).toBe(`--nemesis: a name is missing in ''; ${allowed}`);
    expect(complaint('none,kill')).toBe(
      `--nemesis: 'none' stands alone, but 'none,kill' names others as well; ${allowed}`,
    );
  });
});
