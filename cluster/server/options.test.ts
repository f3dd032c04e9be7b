import { describe, expect, test } from 'vitest';
import { parseNodeOptions } from './options.ts';

const minimal = [
  '--id=n1',
  '--cluster=c',
  '--listen-client=127.0.0.1:7001',
  '--listen-peer=[::1]:7002',
  '--data=/data/n1',
];

function refusal(...args: readonly string[]): string {
  try {
    parseNodeOptions(args, {});
  } catch (error) {
    return String(error);
  }
  return 'accepted';
}

describe('the command line of a node', () => {
  test('names, addresses and peers are read, the rest has defaults', () => {
    expect(parseNodeOptions([...minimal, '--peer', 'n2=10.0.0.2:70', '--peer=n3=h:71'], {})).toEqual({
      id: 'n1',
      cluster: 'c',
      listenClient: { host: '127.0.0.1', port: 7001 },
      listenPeer: { host: '::1', port: 7002 },
      peers: new Map([
        ['n2', { host: '10.0.0.2', port: 70 }],
        ['n3', { host: 'h', port: 71 }],
      ]),
      dataDirectory: '/data/n1',
      heartbeatMs: 50,
      electionMs: 300,
      mutant: undefined,
    });
  });

  test('every mistake is one line that names the flag, what was found and what is allowed', () => {
    for (const [args, line] of [
      [['--dta=x'], "Unknown option '--dta'; allowed: --id, --cluster, --listen-client"],
      [['n1'], "Unexpected argument 'n1'"],
      [minimal.slice(1), '--id is missing'],
      [[...minimal, '--id='], '--id is missing'],
      [[...minimal, '--listen-peer=7002'], '--listen-peer 7002: HOST:PORT is allowed'],
      [[...minimal, '--listen-peer=h:70000'], '--listen-peer h:70000: HOST:PORT is allowed'],
      [[...minimal, '--peer=n2'], '--peer n2: ID=HOST:PORT is allowed'],
      [[...minimal, '--peer=n1=h:1'], '--peer n1=h:1: this is the node itself'],
      [[...minimal, '--peer=n2=h:1', '--peer=n2=h:2'], '--peer n2=h:2: n2 was named before'],
      [[...minimal, '--heartbeat-ms=0'], '--heartbeat-ms 0: a whole number of milliseconds'],
      [[...minimal, '--heartbeat-ms=1e3'], '--heartbeat-ms 1e3: a whole number of milliseconds'],
      [[...minimal, '--election-ms=50'], '--election-ms 50: more than --heartbeat-ms 50 is allowed'],
      [[...minimal, '--mutant=nonsense'], '--mutant nonsense: allowed are stale-read, local-read'],
    ] as const) {
      const found = refusal(...args);
      expect(found).toContain(`UsageError: ${line}`);
      expect(found).not.toContain('\n');
    }
  });

  test('a mutant is refused unless the environment allows it', () => {
    const args = [...minimal, '--mutant=stale-read'];
    expect(refusal(...args)).toContain(
      '--mutant stale-read: refused, since FAULTLINE_ALLOW_MUTANT=1 is not set',
    );
    expect(parseNodeOptions(args, { FAULTLINE_ALLOW_MUTANT: '1' }).mutant?.name).toBe('stale-read');
  });
});
