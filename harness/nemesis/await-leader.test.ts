import { describe, expect, it } from 'vitest';
import type { LeaderClaim } from '../system.ts';
import { awaitLeader } from './await-leader.ts';
import { FakeCluster, never } from './testdata/fake-cluster.ts';

const claim = (node: string, term: number): LeaderClaim => ({ node, term });

function waiting(claims: LeaderClaim[][]) {
  const cluster = new FakeCluster(3);
  cluster.claims = claims;
  const { nemesis } = awaitLeader({
    environment: cluster.environment(),
    system: cluster.system(),
    timer: cluster.timer,
  });
  return { cluster, invoke: (signal = never) => nemesis.invoke({ f: 'await-leader' }, signal) };
}

describe('waiting for a leader', () => {
  it('is over when two polls in a row find the same one', async () => {
    const { invoke, cluster } = waiting([[], [claim('n1', 2)], [claim('n3', 3)], [claim('n3', 3)]]);
    expect(await invoke()).toEqual({ status: 'applied', evidence: { leader: 'n3', term: 3, ms: 600 } });
    expect(cluster.asked).toHaveLength(4);
  });

  it('pitfall 51: an old claim of a lower term does not matter, two claims of the highest term do', async () => {
    const { invoke } = waiting([
      [claim('n1', 5), claim('n2', 5)],
      [claim('n1', 5), claim('n2', 5)],
      [claim('n1', 5), claim('n2', 6)],
      [claim('n1', 5), claim('n2', 6)],
    ]);
    expect(await invoke()).toMatchObject({ status: 'applied', evidence: { leader: 'n2', term: 6, ms: 600 } });
  });

  it('fails after a minute, with the claims it saw last', async () => {
    const { invoke } = waiting([[claim('n2', 5), claim('n1', 5)]]);
    expect(await invoke()).toEqual({
      status: 'failed',
      reason: 'no single leader within 60000 ms',
      evidence: {
        claims: [
          { node: 'n1', term: 5 },
          { node: 'n2', term: 5 },
        ],
        ms: 60_000,
      },
    });
  });

  it('goes on when a poll throws or does not end', async () => {
    const cluster = new FakeCluster(3);
    let polls = 0;
    const system = {
      ...cluster.system(),
      leaders: async (): Promise<LeaderClaim[]> => {
        polls++;
        if (polls === 1) throw new Error('connection refused');
        return polls === 2 ? new Promise(() => {}) : [claim('n2', 1)];
      },
    };
    const { nemesis } = awaitLeader({ environment: cluster.environment(), system, timer: cluster.timer });
    expect(await nemesis.invoke({ f: 'await-leader' }, never)).toMatchObject({
      status: 'applied',
      evidence: { leader: 'n2', ms: 2_600 },
    });
  });

  it('is skipped where the system does not tell, and when the run is interrupted', async () => {
    const cluster = new FakeCluster(3);
    const system = cluster.system();
    delete system.leaders;
    const { nemesis } = awaitLeader({ environment: cluster.environment(), system, timer: cluster.timer });
    expect(await nemesis.invoke({ f: 'await-leader' }, never)).toMatchObject({
      status: 'skipped',
      reason: 'fake does not tell who leads',
    });
    expect(await waiting([[]]).invoke(AbortSignal.abort())).toMatchObject({
      status: 'skipped',
      reason: 'interrupted',
    });
  });
});
