import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import type { Environment, EnvironmentProvider, Evidence, Node } from '../harness/environment.ts';
import { EnvironmentError } from '../harness/errors.ts';
import { localEnvironment } from '../harness/local/provider.ts';
import type { FaultDescription } from '../harness/nemesis/nemesis.ts';
import { judgeMachine, type MachineFacts, openFilesOf, readMachine } from './doctor-machine.ts';
import { type Probe, readResults, scriptOf } from './doctor-probes.ts';
import { byItsWord, faultTable, needsOf } from './doctor-table.ts';
import { type Trial, tryEnvironment } from './doctor-trial.ts';

const signal = new AbortController().signal;
const note = () => undefined;

const fit: MachineFacts = {
  nodeVersion: '20.19.0',
  cores: 2,
  memoryBytes: { total: 8 * 2 ** 30, available: 4 * 2 ** 30 },
  freeDiskBytes: 2 ** 31,
  clockSource: 'tsc',
  driftPpm: -40,
  openFiles: 4096,
};

describe('the machine', () => {
  it('that is fit has nothing to mend', () => {
    for (const { state, fix, name } of judgeMachine(fit))
      expect([name, state, fix]).toEqual([name, 'ok', undefined]);
  });

  it.each<[string, Partial<MachineFacts>, string, RegExp]>([
    ['Node', { nodeVersion: '20.18.3' }, 'missing', /20\.19/],
    ['Node', { nodeVersion: '18.20.1' }, 'missing', /20\.19/],
    ['cores', { cores: 1 }, 'degraded', /--rate/],
    ['memory', { memoryBytes: { total: 2 ** 31, available: 2 ** 29 } }, 'degraded', /--memory-budget/],
    ['free disk', { freeDiskBytes: 500 * 2 ** 20 }, 'degraded', /--out/],
    ['free disk', { freeDiskBytes: 5 * 2 ** 20 }, 'missing', /--out/],
    ['clock', { clockSource: 'hpet' }, 'degraded', /clocksource=/],
    ['clock', { driftPpm: 50_000 }, 'degraded', /time service/],
    ['open files', { openFiles: 1024 }, 'degraded', /ulimit/],
  ])('%s: %j is %s', (name, change, state, fix) => {
    const found = judgeMachine({ ...fit, ...change }).filter((one) => one.state !== 'ok');
    expect(found).toMatchObject([{ name, state }]);
    expect(found[0]?.fix).toMatch(fix);
  });

  it('is looked at, for a folder that is not there yet as well', async () => {
    const facts = await readMachine('/tmp/not/there/yet');
    expect(facts.cores).toBeGreaterThan(0);
    expect(facts.freeDiskBytes).toBeGreaterThan(0);
    expect(Number.isFinite(facts.driftPpm)).toBe(true);
    expect(
      openFilesOf('Max cpu time  unlimited\nMax open files            1024                 4096  files'),
    ).toBe(1024);
    expect(openFilesOf(undefined)).toBeUndefined();
  });
});

describe('probes', () => {
  const probes: readonly Probe[] = [
    { name: 'works', script: 'true' },
    { name: "quote's", script: `echo "it's $((1 + 1))"` },
    { name: 'refuses', script: 'echo first; echo "last	words" >&2; exit 3; echo never' },
    { name: 'fails on the way', script: 'false\ntrue' },
    { name: 'silent', script: 'exit 1' },
  ];

  it('are told apart by what they print, each by itself', async () => {
    const { stdout } = await execa('sh', ['-c', scriptOf(probes)]);
    const results = readResults(probes, stdout);
    expect([...results].map(([name, { works }]) => [name, works])).toEqual([
      ['works', true],
      ["quote's", true],
      ['refuses', false],
      ['fails on the way', false],
      ['silent', false],
    ]);
    expect(results.get('refuses')?.words).toBe('lastwords');
  });

  it('that did not get to speak did not work', () => {
    const [first] = [...readResults(probes, '').values()];
    expect(first).toEqual({ works: false, words: 'it did not end' });
  });
});

const faults: readonly FaultDescription[] = [
  { name: 'plain', about: '', band: { name: '', from: [], to: [], colour: '#000000' } },
  { name: 'clock', about: '', needs: ['clock'], band: { name: '', from: [], to: [], colour: '#000000' } },
  {
    name: 'slow',
    about: '',
    needs: ['delay', 'limit'],
    band: { name: '', from: [], to: [], colour: '#000000' },
  },
];

describe('the table of faults', () => {
  it('takes the worst of what a fault needs', () => {
    const trial: Trial = new Map([
      ['basics', { verdict: 'works' }],
      ['clock', { verdict: 'not here', reason: 'no clock' }],
      ['delay', { verdict: 'works' }],
      ['limit', { verdict: 'degraded', reason: 'not seen' }],
    ] as const);
    expect(needsOf(faults)).toEqual(['clock', 'delay', 'limit']);
    expect(faultTable(faults, new Map([['here', trial]]))).toEqual([
      { fault: 'plain', rulings: { here: { verdict: 'works' } } },
      { fault: 'clock', rulings: { here: { verdict: 'not here', reason: 'no clock' } } },
      { fault: 'slow', rulings: { here: { verdict: 'degraded', reason: 'not seen' } } },
    ]);
  });

  it('never says works of what was not tried', () => {
    const rows = faultTable(
      faults,
      new Map([['here', new Map([['basics', { verdict: 'works' }]] as const)]]),
    );
    expect(rows[1]?.rulings['here']?.verdict).toBe('degraded');
  });

  it('believes an environment that is not tried', () => {
    const provider = { ...localEnvironment(), name: 'else' };
    expect(byItsWord(provider, ['clock', 'delay']).get('clock')?.verdict).toBe('not here');
    expect(byItsWord(provider, ['clock', 'delay']).get('delay')?.verdict).toBe('works');
  });
});

describe('a trial', () => {
  it('of the local environment agrees with what a run would be told', async () => {
    const trial = await tryEnvironment(localEnvironment(), ['delay', 'reset', 'clock', 'loss'], {
      signal,
      note,
    });
    expect(trial.get('basics')).toEqual({ verdict: 'works' });
    expect(trial.get('delay')).toEqual({ verdict: 'works' });
    expect(trial.get('reset')).toEqual({ verdict: 'works' });
    expect(trial.get('clock')?.verdict).toBe('not here');
    expect(trial.get('loss')).toEqual({ verdict: 'not here', reason: localEnvironment().never?.('loss') });
  }, 60_000);

  it('of an environment that does not come up says why, of everything', async () => {
    const provider: EnvironmentProvider = {
      name: 'broken',
      up: () => Promise.reject(new EnvironmentError('no\nroom')),
    };
    const trial = await tryEnvironment(provider, ['clock'], { signal, note });
    const ruling = { verdict: 'not here', reason: 'no room' };
    expect([...trial]).toEqual([
      ['basics', ruling],
      ['clock', ruling],
    ]);
  });

  it('of an environment that claims and does not do sees it', async () => {
    let isDisposed = false;
    const seen = (verified: boolean): Promise<Evidence> => Promise.resolve({ verified, seen: {} });
    const node = {
      state: () => Promise.resolve('running'),
      signal: () => Promise.resolve(),
    } as unknown as Node;
    const environment = {
      name: 'liar',
      nodes: [
        { ...node, name: 'd1' },
        { ...node, name: 'd2' },
      ],
      lacks: () => undefined,
      net: { cut: () => seen(true), heal: () => seen(true), shape: () => seen(false) },
      abandon: () => undefined,
      [Symbol.asyncDispose]: () => {
        isDisposed = true;
        return Promise.resolve();
      },
    } as unknown as Environment;
    const provider = { name: 'liar', up: () => Promise.resolve(environment) };
    const trial = await tryEnvironment(provider, ['delay', 'freeze'], { signal, note });
    expect(trial.get('basics')?.verdict).toBe('works');
    expect(trial.get('delay')).toMatchObject({
      verdict: 'degraded',
      reason: expect.stringContaining('delay was not seen'),
    });
    expect(trial.get('freeze')).toMatchObject({ verdict: 'degraded' });
    expect(isDisposed).toBe(true);
  });
});
