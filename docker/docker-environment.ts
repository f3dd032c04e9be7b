// A cluster in containers while it is up: its nodes, its net, and how all of it ends.

import type { Capability, Environment } from '../harness/environment.ts';
import { EnvironmentError } from '../harness/errors.ts';
import type { Ledger } from '../harness/ledger.ts';
import type { DockerNode } from './docker-node.ts';
import type { Engine } from './engine.ts';
import type { Helper } from './helper-container.ts';
import { removeRun } from './leftovers.ts';
import type { DockerNet } from './net.ts';
import type { Reaper } from './reaper-connection.ts';

export interface DockerParts {
  readonly engine: Engine;
  readonly run: string;
  /** Of every name of the run's. */
  readonly prefix: string;
  readonly ledger: Ledger;
  /** The ledger's entry for all of it. */
  readonly entry: string;
  readonly reaper: Reaper;
  readonly keep: boolean;
  readonly versions: Readonly<Record<string, string>>;
}

/** An engine that was restarted is waited for this long, since what is on it can be removed only with it. */
const enginePatienceMs = 30_000;

export class DockerEnvironment implements Environment {
  readonly name = 'docker';
  readonly versions: Readonly<Record<string, string>>;
  /** While the environment comes up there are none. */
  nodes: readonly DockerNode[] = [];
  helpers: readonly Helper[] = [];
  readonly #parts: DockerParts;
  #net: DockerNet | undefined;
  #isEnding = false;
  #isKept = false;
  #isLost = false;
  #disposal: Promise<void> | undefined;

  constructor(parts: DockerParts) {
    this.#parts = parts;
    this.versions = parts.versions;
  }

  get net(): DockerNet {
    if (this.#net === undefined) throw new EnvironmentError('the network is not up yet');
    return this.#net;
  }

  set net(net: DockerNet) {
    this.#net = net;
  }

  lacks(capability: Capability): string | undefined {
    return isOfMachines(capability) ? undefined : this.net.lacks(capability);
  }

  /** A helper is gone though nobody ended it: the engine was restarted, or somebody removed it. */
  isLost(reason: string, onLost: (reason: string) => void): void {
    if (this.#isEnding || this.#isLost) return;
    this.#isLost = true;
    onLost(reason);
  }

  async keep(): Promise<readonly string[]> {
    const { prefix, run } = this.#parts;
    await this.net.heal();
    this.#isEnding = true;
    for (const { connection } of this.helpers) await connection.keep();
    for (const node of this.nodes) node.keep();
    this.#isKept = true;
    return [
      'The cluster is left running:',
      ...this.nodes.map(
        (node) => `  ${node.name}: docker exec -it ${prefix}-${node.name} sh   (${node.places()})`,
      ),
      `End it with: faultline clean --kept   (or by hand, label faultline.run=${run})`,
    ];
  }

  abandon(): void {
    this.#isEnding = true;
    this.#parts.reaper.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  async #dispose(): Promise<void> {
    const { engine, run, ledger, entry, reaper } = this.#parts;
    this.#isEnding = true;
    for (const node of this.nodes) node.close();
    try {
      if (!this.#isKept) await patiently(() => removeRun(engine, run));
      await ledger.settle(entry);
      await reaper.dismiss();
    } catch (error) {
      reaper.release();
      const reason = error instanceof Error ? error.message : String(error);
      throw new EnvironmentError(`${reason}; "faultline clean" removes what is left`, { cause: error });
    } finally {
      ledger[Symbol.dispose]();
    }
  }
}

/** What every engine can do to a container, as against what depends on the kernel. */
function isOfMachines(capability: Capability): boolean {
  const all = ['power', 'freeze', 'cpu', 'disk-full', 'disk-read-only', 'clock', 'clock-monotonic'];
  return all.includes(capability);
}

async function patiently(act: () => Promise<unknown>): Promise<void> {
  const begun = performance.now();
  for (;;) {
    try {
      await act();
      return;
    } catch (error) {
      if (performance.now() - begun > enginePatienceMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  }
}
