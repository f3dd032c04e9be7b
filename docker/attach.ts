// The open stream to a container's first process: what it reads, and what it writes, apart.

import { type Duplex, PassThrough, type Readable, type Writable } from 'node:stream';
import type { Engine } from './engine.ts';

export interface Attached {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the container is gone, or the engine. */
  readonly closed: Promise<void>;
  /** Lets go, which ends a container that is made to live no longer than its input. */
  detach(): void;
}

/** The container must have been created without a terminal; it may not be started yet. Throws EnvironmentError. */
export async function attach(engine: Engine, container: string): Promise<Attached> {
  return engine.attempt(`attach to ${container}`, async (docker) => {
    const stream = (await docker
      .getContainer(container)
      .attach({ stream: true, hijack: true, stdin: true, stdout: true, stderr: true })) as Duplex;
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    docker.modem.demuxStream(stream, stdout, stderr);
    const closed = new Promise<void>((resolve) => {
      const end = () => {
        stdout.end();
        stderr.end();
        resolve();
      };
      // A broken stream is an ended one: whoever waits for an answer hears of it by `closed`.
      stream.on('error', end);
      stream.on('end', end);
      stream.on('close', end);
    });
    return { stdin: stream, stdout, stderr, closed, detach: () => void stream.end() };
  });
}
