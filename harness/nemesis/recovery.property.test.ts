// Whatever the faults of a run do in whatever order, the restore brings everything back.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../checkers/json.ts';
import type { Call } from '../../checkers/op.ts';
import { any } from '../generator/choice.ts';
import { invocations, simulate } from '../generator/simulate.ts';
import { Stream } from '../random.ts';
import { composeNemesis } from './compose.ts';
import { shapeNames } from './partition-shapes.ts';
import { faultDescriptions, faultNames, makeFault } from './registry.ts';
import { targetWords } from './targets.ts';
import { FakeCluster, never } from './testdata/fake-cluster.ts';

const size = 5;
const targets = fc.oneof(
  fc.constantFrom<Json>(...targetWords),
  fc.subarray(['n1', 'n2', 'n3', 'n4', 'n5'], { minLength: 1 }),
);

const call: fc.Arbitrary<Call> = fc
  .constantFrom(
    ...faultDescriptions.flatMap(({ band, name }) =>
      name === 'monotonic' ? [] : [...band.from, ...band.to],
    ),
  )
  .chain((f) => {
    if (f === 'start-partition') return fc.constantFrom(...shapeNames).map((value) => ({ f, value }));
    return targets.map((value) => ({ f, value }));
  });

/** Nobody can ask for both `clock` and `monotonic`. */
const together = faultNames.filter((name) => name !== 'monotonic');

function allFaults(cluster: FakeCluster, seed: number, cutClients = false) {
  const context = cluster.context({ stream: Stream.of(seed), cutClients });
  const faults = together.map((name) => makeFault(name, context));
  return { faults, nemesis: composeNemesis(faults, { timer: cluster.timer, timeoutMs: 30_000 }) };
}

describe('recovery', () => {
  it('brings everything back from every mix of calls, and no call among them fails', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { maxLength: 30 }),
        fc.nat({ max: 1_000 }),
        fc.subarray(['n1', 'n2', 'n3', 'n4', 'n5']),
        fc.boolean(),
        async (calls, seed, needing, cutClients) => {
          const cluster = new FakeCluster(size);
          cluster.claims = [[{ node: 'n2', term: 3 }]];
          for (const name of needing) cluster.node(name).needsItsDisk = true;
          const { nemesis } = allFaults(cluster, seed, cutClients);
          for (const each of calls) {
            const outcome = await nemesis.invoke(each, never);
            expect(outcome.status, `${JSON.stringify(each)}: ${JSON.stringify(outcome)}`).not.toBe('failed');
          }
          const outcome = await nemesis.restore();
          expect(outcome.status, JSON.stringify(outcome)).not.toBe('failed');
          expect(cluster.troubles()).toEqual([]);
          expect(cluster.journal.filter((entry) => entry.startsWith('ENDED UNEXCUSED'))).toEqual([]);
          expect((await nemesis.restore()).status).toBe('skipped');
        },
      ),
      { numRuns: 150 },
    );
  }, 120_000);

  it('the recoveries of the faults, in their order, are enough without the restore', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 20 }), fc.nat({ max: 1_000 }), async (calls, seed) => {
        const cluster = new FakeCluster(size);
        const { faults, nemesis } = allFaults(cluster, seed);
        for (const each of calls) await nemesis.invoke(each, never);
        for (const { recovery } of faults) {
          for (const { f, value } of invocations(simulate(recovery))) {
            await nemesis.invoke({ f, ...(value === undefined ? {} : { value }) }, never);
          }
        }
        expect(cluster.troubles()).toEqual([]);
      }),
      { numRuns: 60 },
    );
  }, 120_000);

  it('links fare as the faults in force wish, after every call', async () => {
    const ofNet = call.filter(({ f }) => /^(start|stop)-(partition|delay|reset|slow|loss)$/.test(f));
    await fc.assert(
      fc.asyncProperty(fc.array(ofNet, { maxLength: 25 }), fc.nat({ max: 1_000 }), async (calls, seed) => {
        const cluster = new FakeCluster(size);
        const { nemesis } = allFaults(cluster, seed);
        const cut = new Set<string>();
        const shaped = new Map<string, string[]>();
        for (const each of calls) {
          const { status, evidence } = await nemesis.invoke(each, never);
          const kind = each.f.replace(/^(start|stop)-/, '');
          const links = Object.keys(evidence['links'] ?? {});
          if (status !== 'applied') continue;
          if (each.f === 'start-partition') for (const link of links) cut.add(link);
          else if (each.f === 'stop-partition') cut.clear();
          else if (each.f.startsWith('start-')) shaped.set(kind === 'slow' ? 'limit' : kind, links);
          else shaped.delete(kind === 'slow' ? 'limit' : kind);
          for (const { name: from } of cluster.nodes) {
            for (const { name: to } of cluster.nodes) {
              if (from === to) continue;
              const link = `${from}→${to}`;
              const kinds = [...shaped].filter(([, held]) => held.includes(link)).map(([name]) => name);
              const wished = cut.has(link) ? 'silent' : (kinds[0] ?? 'passes');
              expect(cluster.net.fares(from, to), `${link} after ${JSON.stringify(each)}`).toBe(wished);
            }
          }
        }
      }),
      { numRuns: 150 },
    );
  }, 120_000);

  it('whole schedules of all faults together fail nowhere and leave nothing', async () => {
    for (let seed = 0; seed < 4; seed++) {
      const cluster = new FakeCluster(size);
      const { faults, nemesis } = allFaults(cluster, seed);
      const ops = invocations(simulate(any(...faults.map(({ generator }) => generator)), { maxOps: 120 }));
      for (const { f, value } of ops) {
        const outcome = await nemesis.invoke({ f, ...(value === undefined ? {} : { value }) }, never);
        expect(outcome.status, `seed ${seed}: ${f} ${JSON.stringify(outcome)}`).not.toBe('failed');
      }
      await nemesis.restore();
      expect(cluster.troubles(), `seed ${seed}`).toEqual([]);
    }
  }, 120_000);
});
