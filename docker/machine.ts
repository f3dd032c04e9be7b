// A node's container: an unprivileged machine that lives in its helper's network, holds the node's data on a volume, and
// runs whatever the shell in it is told to start.

import type { Json } from '../checkers/json.ts';
import { type Attached, attach } from './attach.ts';
import { type Engine, statusOf } from './engine.ts';
import { machineScript } from './machine-script.ts';

export interface MachineParts {
  readonly engine: Engine;
  /** The container's name. */
  readonly container: string;
  readonly image: string;
  /** The container whose network this one shares. */
  readonly helper: string;
  readonly volume: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Bytes; the kernel kills what takes more. */
  readonly memoryBytes?: number;
}

/** Where the node's data are in every machine. */
export const dataMount = '/data';
/** The program has a folder of its own there, beside what faults put on the same disk. */
export const dataDirectory = `${dataMount}/node`;

const user = '1000:1000';
const cpuPeriodUs = 100_000;
const startLimitMs = 60_000;

export class Machine {
  readonly #parts: MachineParts;
  #isReadOnly = false;

  constructor(parts: MachineParts) {
    this.#parts = parts;
  }

  get container(): string {
    return this.#parts.container;
  }

  /** Makes the container; nothing runs in it yet. */
  async create(): Promise<void> {
    const { engine, container, image, helper, volume, labels, memoryBytes } = this.#parts;
    await engine.attempt(
      `create the container ${container}`,
      (docker) =>
        docker.createContainer({
          name: container,
          Image: image,
          Labels: { ...labels },
          User: user,
          Entrypoint: ['/bin/sh', '-c', machineScript],
          Cmd: [],
          WorkingDir: '/',
          OpenStdin: true,
          StdinOnce: true,
          AttachStdin: true,
          AttachStdout: true,
          AttachStderr: true,
          Tty: false,
          HostConfig: {
            NetworkMode: `container:${helper}`,
            // Orphans of the node's program are waited for by an init of the engine's.
            Init: true,
            CapDrop: ['ALL'],
            SecurityOpt: ['no-new-privileges'],
            RestartPolicy: { Name: 'no' },
            LogConfig: { Type: 'none', Config: {} },
            Mounts: [{ Type: 'volume', Source: volume, Target: dataMount, ReadOnly: this.#isReadOnly }],
            ...(memoryBytes === undefined ? {} : { Memory: memoryBytes, MemorySwap: memoryBytes }),
          },
        }),
      startLimitMs,
    );
  }

  /** On, like a machine that gets its power back. */
  async on(): Promise<Attached> {
    const { engine, container } = this.#parts;
    const attached = await attach(engine, container);
    await engine.attempt(
      `start the container ${container}`,
      (docker) => docker.getContainer(container).start(),
      startLimitMs,
    );
    return attached;
  }

  /** Off at once; resolves when the engine sees it gone. */
  async off(): Promise<void> {
    const { engine, container } = this.#parts;
    await engine.attempt(`kill the container ${container}`, async (docker) => {
      const found = docker.getContainer(container);
      const over = found.wait({ condition: 'not-running' });
      try {
        await found.kill({ signal: 'SIGKILL' });
      } catch (error) {
        // 409: it is not running.
        if (statusOf(error) !== 409) throw error;
      }
      await over;
    });
  }

  async isOn(): Promise<boolean> {
    return (await this.#state()).Running;
  }

  async isFrozen(): Promise<boolean> {
    return (await this.#state()).Paused;
  }

  async freeze(): Promise<void> {
    await this.#act('freeze', (container) => container.pause());
  }

  async thaw(): Promise<void> {
    await this.#act('thaw', (container) => container.unpause());
  }

  /** `share` of one processor; undefined: all there is. */
  async limitCpu(share: number | undefined): Promise<void> {
    const CpuQuota = share === undefined ? -1 : Math.max(1_000, Math.round(share * cpuPeriodUs));
    await this.#act('limit the processor of', (container) =>
      container.update({ CpuPeriod: cpuPeriodUs, CpuQuota }),
    );
  }

  /** The machine is off while its disk changes, and has to be switched on afterwards. */
  async setReadOnly(readOnly: boolean): Promise<void> {
    await this.off();
    await this.#act('remove', (container) => container.remove({ force: true }));
    this.#isReadOnly = readOnly;
    await this.create();
  }

  /** Why the engine thinks it ended, for reports. */
  async lastEnd(): Promise<Json> {
    const { OOMKilled, ExitCode, Error: reason } = await this.#state();
    return { exitCode: ExitCode, outOfMemory: OOMKilled, ...(reason === '' ? {} : { reason }) };
  }

  async #state() {
    const { engine, container } = this.#parts;
    const { State } = await engine.attempt(`look at the container ${container}`, (docker) =>
      docker.getContainer(container).inspect(),
    );
    return State;
  }

  async #act(
    what: string,
    act: (
      container: ReturnType<Parameters<Parameters<Engine['attempt']>[1]>[0]['getContainer']>,
    ) => Promise<unknown>,
  ): Promise<void> {
    const { engine, container } = this.#parts;
    await engine.attempt(`${what} the container ${container}`, (docker) =>
      act(docker.getContainer(container)),
    );
  }
}
