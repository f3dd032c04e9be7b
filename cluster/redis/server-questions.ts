// What a Redis server is asked that is no call of a history.

import type { Address } from '../../harness/environment.ts';
import type { Route } from './redis-client.ts';
import { askOnce, RedisConnection } from './redis-connection.ts';

/** A server that is cut off or paused must not hold up a question to all of them. */
const patienceMs = 1_000;

/** The server at this address, whatever its role. Rejects while it reads its data. */
export async function directRoute(address: Address, signal: AbortSignal): Promise<Route> {
  const connection = await RedisConnection.open(address, signal);
  try {
    // A published port takes connections for a program that is dead; only an answer shows that it lives.
    await connection.question(['PING'], signal);
  } catch (error) {
    connection.close();
    throw error;
  }
  return { connection, isCurrent: () => true, close: () => connection.close() };
}

/** `replica, connected` has its primary's data and follows it. */
export type Role = 'primary' | 'replica, connected' | 'replica' | 'unknown';

export function roleOf(reply: unknown): Role {
  const [role, , , link] = Array.isArray(reply) ? (reply as readonly unknown[]) : [];
  if (role === 'master') return 'primary';
  if (role !== 'slave') return 'unknown';
  return link === 'connected' ? 'replica, connected' : 'replica';
}

/** `undefined`: no answer, or not in time. Throws when the signal aborts. */
export async function askRole(address: Address, signal: AbortSignal): Promise<Role | undefined> {
  return orUndefined(signal, async (late) => roleOf(await askOnce(address, ['ROLE'], late)));
}

/** What the server's program takes the time to be, in milliseconds. */
export async function serverTimeMs(address: Address, signal: AbortSignal): Promise<number> {
  const reply = await askOnce(address, ['TIME'], signal);
  const [seconds, micros] = Array.isArray(reply) ? (reply as readonly unknown[]) : [];
  const timeMs = Number(seconds) * 1000 + Number(micros) / 1000;
  if (Number.isNaN(timeMs)) throw new Error(`TIME was answered with ${JSON.stringify(reply)}`);
  return timeMs;
}

/** A question that may stay without an answer. Throws when the signal aborts, and then only. */
export async function orUndefined<T>(
  signal: AbortSignal,
  ask: (late: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  try {
    return await ask(AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]));
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
