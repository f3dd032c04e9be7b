import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.ts';
import {
  faultBands,
  faultDescriptions,
  faultNames,
  faultSets,
  makeFault,
  parseFaultNames,
} from './registry.ts';
import { FakeCluster } from './testdata/fake-cluster.ts';

function complaint(text: string): string {
  try {
    parseFaultNames(text);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  throw new Error(`"${text}" was taken`);
}

describe('the faults by name', () => {
  it('are described without any environment, one line each', () => {
    expect(faultNames).toEqual(['partition', 'pause', 'kill']);
    for (const { about } of [...faultDescriptions, ...faultSets]) expect(about).toMatch(/^[^\n]{8,110}$/);
  });

  it('have their colours', () => {
    expect(faultBands(faultNames).map(({ name, colour, from, to }) => [name, colour, from, to])).toEqual([
      ['partition', '#E9DCA0', ['start-partition'], ['stop-partition']],
      ['pause', '#A0B1E9', ['pause'], ['resume']],
      ['kill', '#E9A4A0', ['kill'], ['start']],
    ]);
  });

  it('are made as they are described, and their bands name calls that they answer to', () => {
    const context = new FakeCluster(3).context();
    for (const description of faultDescriptions) {
      const fault = makeFault(description.name, context);
      expect(fault).toMatchObject({ ...description });
      expect(fault.nemesis.fs).toEqual([...fault.band.from, ...fault.band.to]);
    }
    expect(() => makeFault('clock', context)).toThrow('no such fault: clock');
  });

  it('are read from a list, each once, in the order of their repair', () => {
    expect(parseFaultNames('kill, partition,kill')).toEqual(['partition', 'kill']);
    expect(parseFaultNames('all')).toEqual(faultNames);
    expect(parseFaultNames('all,kill')).toEqual(faultNames);
    expect(parseFaultNames('none')).toEqual([]);
  });

  it('a name that does not exist is one line with what is allowed and what was probably meant', () => {
    const allowed = 'allowed: partition, pause, kill, all, none';
    expect(complaint('partion,kill')).toBe(
      `--nemesis: unknown fault 'partion'; ${allowed}; did you mean 'partition'?`,
    );
    expect(complaint('clock')).toBe(`--nemesis: unknown fault 'clock'; ${allowed}`);
    expect(complaint('kill,')).toBe(`--nemesis: a name is missing in 'kill,'; ${allowed}`);
    expect(complaint('')).toBe(`--nemesis: a name is missing in ''; ${allowed}`);
    expect(complaint('none,kill')).toBe(
      `--nemesis: 'none' stands alone, but 'none,kill' names others as well; ${allowed}`,
    );
  });
});
