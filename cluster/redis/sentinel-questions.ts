// What a sentinel is asked: who the primary is, in which epoch, and whether enough of its like are there to act.

import * as v from 'valibot';
import type { Address } from '../../harness/environment.ts';
import { addressText } from '../common-address.ts';
import type { Route } from './redis-client.ts';
import { askOnce, RedisConnection } from './redis-connection.ts';
import { primaryName } from './sentinel-files.ts';
import { roleOf } from './server-questions.ts';

/** Told by a sentinel as soon as it believes in another primary. */
const switchChannel = '+switch-master';

const addressShape = v.tuple([v.string(), v.pipe(v.string(), v.transform(Number), v.number())]);
const count = v.pipe(v.string(), v.transform(Number), v.number());
const primaryShape = v.object({
  ip: v.string(),
  port: count,
  'num-slaves': count,
  'config-epoch': count,
});

export interface SentinelView {
  readonly primary: Address;
  /** Counts failovers. */
  readonly epoch: number;
  /** As many as it ever heard of, there or not. */
  readonly replicas: number;
}

/** Throws when the sentinel does not answer, or not so. */
export async function sentinelView(sentinel: Address, signal: AbortSignal): Promise<SentinelView> {
  const reply = await askOnce(sentinel, ['SENTINEL', 'MASTER', primaryName], signal);
  const fields = Array.isArray(reply) ? (reply as readonly unknown[]) : [];
  const pairs = fields.flatMap((name, i) => (i % 2 === 0 ? [[String(name), fields[i + 1]] as const] : []));
  const view = v.parse(primaryShape, Object.fromEntries(pairs));
  return {
    primary: { host: view.ip, port: view.port },
    epoch: view['config-epoch'],
    replicas: view['num-slaves'],
  };
}

/** Whether it sees enough sentinels to find a primary down and to replace it. Throws when it does not answer. */
export async function hasQuorum(sentinel: Address, signal: AbortSignal): Promise<boolean> {
  const reply = await askOnce(sentinel, ['SENTINEL', 'CKQUORUM', primaryName], signal);
  return typeof reply === 'string' && reply.startsWith('OK');
}

/**
 * The way an application goes: it asks the sentinel who the primary is, connects to that, makes sure that it is one, and
 * goes on with it until the connection ends or the sentinel tells of another. A sentinel that is cut off from the others
 * tells of none, so its clients stay with the old primary. `endpointOf` gives where the client finds an address of the
 * cluster.
 */
export async function routeBySentinel(
  sentinel: Address,
  endpointOf: (primary: Address) => Address,
  signal: AbortSignal,
): Promise<Route> {
  let isCurrent = true;
  const opened: RedisConnection[] = [];
  const close = (): void => {
    for (const connection of opened) connection.close();
  };
  try {
    const news = await RedisConnection.open(sentinel, signal);
    opened.push(news);
    // Before the question, so that no switch falls between the two.
    await news.listen(switchChannel, () => {
      isCurrent = false;
    });
    const primary = await askPrimary(sentinel, signal);
    const connection = await RedisConnection.open(endpointOf(primary), signal);
    opened.push(connection);
    if (roleOf(await connection.question(['ROLE'], signal)) !== 'primary') {
      throw new Error(`${addressText(primary)} is no primary, although the sentinel says so`);
    }
    return { connection, isCurrent: () => isCurrent, close };
  } catch (error) {
    close();
    throw error;
  }
}

async function askPrimary(sentinel: Address, signal: AbortSignal): Promise<Address> {
  const reply = await askOnce(sentinel, ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', primaryName], signal);
  const address = v.safeParse(addressShape, reply);
  if (!address.success) throw new Error(`the sentinel knows no primary: ${JSON.stringify(reply)}`);
  const [host, port] = address.output;
  return { host, port };
}
