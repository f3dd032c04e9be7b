// The way to a Docker engine: one that answers, or one line that says what to do. Everything else here asks it through
// `attempt`, which bounds the time and turns the client's errors into ours.

import type Dockerode from 'dockerode';
import { EnvironmentError } from '../harness/errors.ts';

export interface EngineFacts {
  readonly version: string;
  readonly apiVersion: string;
  readonly system: string;
  readonly kernel: string;
  readonly cgroupVersion: string;
}

/** For everything that is not known to take longer, such as a build. */
const usualLimitMs = 30_000;

export class Engine {
  readonly facts: EngineFacts;
  /** Where its published ports are reached. */
  readonly host: string;
  readonly isRemote: boolean;
  readonly #docker: Dockerode;

  private constructor(docker: Dockerode, facts: EngineFacts, host: string | undefined) {
    this.#docker = docker;
    this.facts = facts;
    this.host = host ?? '127.0.0.1';
    this.isRemote = host !== undefined;
  }

  /** By DOCKER_HOST and its companions, else the local socket. Throws EnvironmentError with what to do. */
  static async open(limitMs = 10_000): Promise<Engine> {
    const { default: Docker } = await import('dockerode');
    try {
      const docker = new Docker();
      const [version, info] = await Promise.all([
        within(docker.version(), limitMs, 'its version'),
        within(docker.info(), limitMs, 'its facts') as Promise<Record<string, unknown>>,
      ]);
      // Whatever answers HTTP there may be no engine at all.
      if (typeof version.ApiVersion !== 'string') throw new Error('what answers there is no Docker engine');
      const facts = {
        version: version.Version,
        apiVersion: version.ApiVersion,
        system: textOf(info['OperatingSystem']) ?? version.Os,
        kernel: version.KernelVersion ?? 'unknown',
        cgroupVersion: textOf(info['CgroupVersion']) ?? 'unknown',
      };
      return new Engine(docker, facts, remoteHost(process.env['DOCKER_HOST']));
    } catch (error) {
      throw new EnvironmentError(unreachable(error), { cause: error });
    }
  }

  /** `what` completes "could not …". Throws EnvironmentError when it fails or takes longer than `limitMs`. */
  async attempt<T>(what: string, act: (docker: Dockerode) => Promise<T>, limitMs = usualLimitMs): Promise<T> {
    try {
      return await within(act(this.#docker), limitMs, what);
    } catch (error) {
      if (error instanceof EnvironmentError) throw error;
      throw new EnvironmentError(`could not ${what}: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** As `attempt`, but undefined when what it is about does not exist. */
  async find<T>(
    what: string,
    act: (docker: Dockerode) => Promise<T>,
    limitMs?: number,
  ): Promise<T | undefined> {
    try {
      return await this.attempt(what, act, limitMs);
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }
}

/** The engine's HTTP status, where an error of `attempt` has one. */
export function statusOf(error: unknown): number | undefined {
  const cause = error instanceof EnvironmentError ? error.cause : error;
  const status = (cause as { statusCode?: unknown } | undefined)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

/** undefined: a socket on this machine. */
export function remoteHost(dockerHost: string | undefined): string | undefined {
  if (dockerHost === undefined || dockerHost === '' || /^(unix|npipe):/.test(dockerHost)) return undefined;
  try {
    const { hostname } = new URL(dockerHost.includes('://') ? dockerHost : `tcp://${dockerHost}`);
    return hostname === '' || hostname === 'localhost' || hostname === '127.0.0.1' ? undefined : hostname;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function unreachable(error: unknown): string {
  const { code, address } = (error ?? {}) as { code?: string; address?: string };
  const where = process.env['DOCKER_HOST'] ?? address ?? '/var/run/docker.sock';
  const known = new Map([
    [
      'ENOENT',
      `no Docker engine at ${where}: start one (Debian: apt-get install docker.io, then systemctl start docker), or set DOCKER_HOST`,
    ],
    [
      'EACCES',
      `no permission on the Docker engine's socket ${where}: join the group docker (sudo usermod -aG docker $USER, then log in again)`,
    ],
    [
      'ECONNREFUSED',
      `the Docker engine at ${where} does not answer: is it running? (systemctl start docker)`,
    ],
  ]).get(code ?? '');
  return (
    known ?? `the Docker engine at ${where} cannot be used: ${reasonOf(error)}; "faultline doctor" tells more`
  );
}

/** The engine's own words, in one line. */
function reasonOf(error: unknown): string {
  const { json, message, code } = (error ?? {}) as {
    json?: { message?: string };
    message?: string;
    code?: string;
  };
  const said = json?.message ?? message ?? code ?? String(error);
  return said.replaceAll(/\s+/g, ' ').trim();
}

async function within<T>(promise: Promise<T>, limitMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new EnvironmentError(`the Docker engine did not finish in ${limitMs / 1000} s: ${what}`)),
      limitMs,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
