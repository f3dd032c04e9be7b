import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { EnvironmentError } from '../harness/errors.ts';
import { HelperConnection } from './helper-connection.ts';

const hello = {
  interface: 'eth0',
  addresses: ['10.0.0.1'],
  lacks: {},
  firewall: { v4: 'iptables', v6: null },
};

/** A helper that says what `answer` gives. */
function helper(answer: (ask: { kind: string }) => object | undefined) {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  createInterface({ input: stdin }).on('line', (line) => {
    const { id, ask } = JSON.parse(line) as { id: number; ask: { kind: string } };
    const said = ask.kind === 'hello' ? { result: hello } : answer(ask);
    if (said !== undefined) stdout.write(`${JSON.stringify({ id, ...said })}\n`);
  });
  const lost: string[] = [];
  const opened = HelperConnection.open('n1', { stdin, stdout }, (reason) => lost.push(reason));
  return { opened, lost, stdin, stdout };
}

test('answers find their requests, and what was found out at hello is there', async () => {
  const { opened } = helper(() => ({ result: { 'n2→n1': 3 } }));
  const connection = await opened;
  expect(connection.hello.interface).toBe('eth0');
  expect(await connection.ask({ kind: 'counters' })).toEqual({ 'n2→n1': 3 });
});

test('an error of the helper is one of the environment, and names the node', async () => {
  const connection = await helper(() => ({ error: 'iptables-restore: no' })).opened;
  const attempt = connection.ask({ kind: 'counters' });
  await expect(attempt).rejects.toThrow(EnvironmentError);
  await expect(attempt).rejects.toThrow(/^n1's network helper says: iptables-restore: no$/);
});

test('an answer of another form and none in time are errors', async () => {
  const connection = await helper(({ kind }) => (kind === 'keep' ? undefined : { result: 'much' })).opened;
  await expect(connection.ask({ kind: 'counters' })).rejects.toThrow(/answered "counters" with "much"/);
  await expect(connection.ask({ kind: 'keep' }, -9_900)).rejects.toThrow(/did not answer "keep" in 100 ms/);
});

test('a helper that goes by itself is lost, once, and every request fails', async () => {
  const { opened, lost, stdout } = helper(() => undefined);
  const connection = await opened;
  const attempt = connection.ask({ kind: 'counters' });
  stdout.end();
  await expect(attempt).rejects.toThrow(/n1's network helper is gone/);
  await expect(connection.ask({ kind: 'counters' })).rejects.toThrow(/is gone/);
  expect(lost).toHaveLength(1);
});

test('one that is told to end, or to stay, is not lost', async () => {
  const ending = helper(() => undefined);
  ending.stdin.on('end', () => ending.stdout.end());
  expect(await (await ending.opened).end()).toBe(true);
  const kept = helper(() => ({ result: null }));
  await (await kept.opened).keep();
  kept.stdout.end();
  await once(kept.stdout, 'end');
  expect([...ending.lost, ...kept.lost]).toEqual([]);
});
