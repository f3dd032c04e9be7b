// The run folder: the plan first, the history as it grows, the results last. What was recorded survives a `kill -9`
// of the controller up to the last flush.

import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Op } from '../checkers/op.ts';
import { formatOp } from '../checkers/op-line.ts';
import { EnvironmentError } from './errors.ts';

const FLUSH_MS = 250;

/** Bytes that wait for the next flush at most; a fast run is written sooner than the timer says. */
const FLUSH_BYTES = 1 << 20;

export class RunFolder {
  readonly path: string;
  readonly #history: number;
  #waiting: string[] = [];
  #waitingBytes = 0;
  /** What a write that failed has left. */
  #unwritten: Buffer = Buffer.alloc(0);
  readonly #timer: NodeJS.Timeout;
  #closed = false;
  readonly #onWriteError: (error: EnvironmentError) => void;

  private constructor(path: string, onWriteError: (error: EnvironmentError) => void) {
    this.path = path;
    this.#onWriteError = onWriteError;
    this.#history = openSync(join(path, 'history.jsonl'), 'ax');
    this.#timer = setInterval(() => this.flush(), FLUSH_MS);
    this.#timer.unref();
  }

  /**
   * Makes `<root>/<name>/<timestamp>/` and the links `latest` beside it and in the root. Throws EnvironmentError.
   * `onWriteError` is told each time when the history cannot be written; it waits in memory until it can.
   */
  static create(
    root: string,
    name: string,
    startedAt: Date,
    onWriteError: (error: EnvironmentError) => void,
  ): RunFolder {
    const stamp = startedAt.toISOString().replaceAll(':', '').replace('.', '-');
    for (let attempt = 0; ; attempt++) {
      const path = resolve(root, name, attempt === 0 ? stamp : `${stamp}-${attempt}`);
      try {
        mkdirSync(dirname(path), { recursive: true });
        mkdirSync(path);
        link(path, join(resolve(root), name, 'latest'));
        link(path, join(resolve(root), 'latest'));
        return new RunFolder(path, onWriteError);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST' && attempt < 100) continue;
        throw new EnvironmentError(`cannot make the run folder ${path}: ${(error as Error).message}`, {
          cause: error,
        });
      }
    }
  }

  /** Adds one line to the history; on disk within a quarter of a second. */
  record(op: Op): void {
    const line = formatOp(op);
    this.#waiting.push(line, '\n');
    this.#waitingBytes += line.length;
    if (this.#waitingBytes > FLUSH_BYTES) this.flush();
  }

  /** Notes what the nemesis is about to do, on disk before it does: what a killed controller leaves can be understood. */
  intend(intent: object): void {
    appendFileSync(join(this.path, 'faults.jsonl'), `${JSON.stringify(intent)}\n`, { flush: true });
  }

  /** Synchronous on purpose: it must also work in the last moment of a process that crashes. */
  flush(): void {
    if (this.#closed || (this.#waiting.length === 0 && this.#unwritten.length === 0)) return;
    const bytes = Buffer.concat([this.#unwritten, Buffer.from(this.#waiting.join(''))]);
    this.#waiting = [];
    this.#waitingBytes = 0;
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#history, bytes, written);
    } catch (error) {
      const reason = (error as Error).message;
      this.#onWriteError(
        new EnvironmentError(`the history cannot be written to ${this.path}: ${reason}`, { cause: error }),
      );
    }
    this.#unwritten = bytes.subarray(written);
  }

  closeHistory(): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    clearInterval(this.#timer);
    closeSync(this.#history);
  }

  /** Writes run.json by renaming, so that a controller killed in the middle leaves the one before. */
  writeRun(run: object): void {
    const path = join(this.path, 'run.json');
    writeFileSync(`${path}.new`, `${JSON.stringify(run, null, 2)}\n`);
    renameSync(`${path}.new`, path);
  }

  async write(path: string, content: string): Promise<void> {
    const target = resolve(this.path, path);
    if (!target.startsWith(this.path + sep))
      throw new Error(`a report wants to write outside its run folder: ${path}`);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
  }
}

/** Best effort: a file system without symbolic links, or two runs at once, must not stop a run. */
function link(target: string, path: string): void {
  try {
    rmSync(path, { force: true });
    symlinkSync(relative(dirname(path), target), path);
  } catch {
    // The link is a convenience only.
  }
}
