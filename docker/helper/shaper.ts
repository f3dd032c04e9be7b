// The queue through which a node speaks. Touched only when what is to be shaped changes: a queue that is replaced
// loses what waits in it.

import type { Tried, TriedQueues } from './abilities.ts';
import type { Rules } from './protocol.ts';
import { runCommand } from './run-command.ts';
import { rootHandle, shapingBatch } from './shaping-rules.ts';

export class Shaper {
  readonly #device: string;
  #inForce: readonly string[] = [];

  constructor(device: string) {
    this.#device = device;
  }

  /** Throws with the kernel's words; nothing is shaped then. */
  async set(says: Rules['says']): Promise<void> {
    const batch = shapingBatch(says, this.#device);
    if (batch.join('\n') === this.#inForce.join('\n')) return;
    await this.remove();
    if (batch.length === 0) return;
    // Before the act: what failed half-way has to be removed as well.
    this.#inForce = batch;
    const done = await runTc(['-batch', '-'], `${batch.join('\n')}\n`);
    if (done !== null) {
      await this.remove();
      throw new Error(`tc: ${done}`);
    }
  }

  /** Throws when our queue is still there. */
  async remove(): Promise<void> {
    if (this.#inForce.length === 0) return;
    await runTc(['qdisc', 'del', 'dev', this.#device, 'root']);
    const shown = await runCommand('tc', ['qdisc', 'show', 'dev', this.#device]);
    if (!shown.ok || shown.stdout.includes(` ${rootHandle} `)) {
      throw new Error(
        `tc: a queue of ours is left on ${this.#device}: ${shown.ok ? shown.stdout : shown.reason}`,
      );
    }
    this.#inForce = [];
  }
}

/** Each by trying, on the loopback interface, where a queue for a moment delays nobody. */
export async function tryQueues(device: string): Promise<TriedQueues> {
  const foreign = await foreignQueue(device);
  if (foreign !== null) return { htb: foreign, tbf: foreign, netem: foreign, u32: foreign };
  const place = ['dev', 'lo', 'root', 'handle', rootHandle];
  const attempt = async (...words: string[]) => {
    const refused = await runTc(['qdisc', 'add', ...place, ...words]);
    if (refused === null) await runTc(['qdisc', 'del', 'dev', 'lo', 'root']);
    return refused;
  };
  return {
    htb: await attempt('htb', 'default', '0'),
    tbf: await attempt('tbf', 'rate', '1mbit', 'burst', '3200b', 'limit', '64kb'),
    netem: await attempt('netem', 'delay', '1ms'),
    u32: await tryFilter(),
  };
}

async function tryFilter(): Promise<Tried> {
  const refused = await runTc([
    'qdisc',
    'add',
    'dev',
    'lo',
    'root',
    'handle',
    rootHandle,
    'htb',
    'default',
    '0',
  ]);
  if (refused !== null) return refused;
  const filter = ['filter', 'add', 'dev', 'lo', 'parent', rootHandle];
  const match = ['u32', 'match', 'ip', 'dst', '192.0.2.1/32', 'flowid', `${rootHandle}1`];
  const filtered = await runTc([...filter, 'protocol', 'ip', 'prio', '1', ...match]);
  await runTc(['qdisc', 'del', 'dev', 'lo', 'root']);
  return filtered;
}

/** Somebody else's queue is not ours to replace. The kernel's own has the handle 0. */
async function foreignQueue(device: string): Promise<Tried> {
  const shown = await runCommand('tc', ['qdisc', 'show', 'dev', device, 'root']);
  if (!shown.ok) return shown.reason;
  const foreign = /^qdisc \S+ (?!0:)\S+ root/m.exec(shown.stdout);
  return foreign === null ? null : `${device} has a queue that is not ours (${foreign[0]})`;
}

/** The words of a refusal; null: done. */
async function runTc(args: readonly string[], input = ''): Promise<Tried> {
  const { ok, reason } = await runCommand('tc', args, { input });
  return ok ? null : reason;
}
