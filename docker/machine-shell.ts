// The controller's end of the talk with the shell in a node's machine (machine-script.ts).

import { createInterface } from 'node:readline';
import { EnvironmentError } from '../harness/errors.ts';
import type { Attached } from './attach.ts';
import type { Shell, ShellResult } from './shell.ts';

/** How a program ended: one of the two is not null. */
export interface ProgramEnd {
  readonly pid: number;
  readonly code: number | null;
  readonly signal: string | null;
}

const runLimitMs = 10_000;
const startLimitMs = 10_000;

interface Running {
  output: string;
  finish(result: ShellResult): void;
  fail(error: Error): void;
}

interface Starting {
  begun(pid: number): void;
  fail(error: Error): void;
}

export class MachineShell implements Shell {
  readonly #name: string;
  readonly #attached: Attached;
  readonly #running = new Map<string, Running>();
  readonly #starting = new Map<string, Starting>();
  readonly #onProgramEnd: (end: ProgramEnd) => void;
  #lastId = 0;
  #isClosed = false;

  /** `name` is the node's, for messages. */
  constructor(name: string, attached: Attached, onProgramEnd: (end: ProgramEnd) => void) {
    this.#name = name;
    this.#attached = attached;
    this.#onProgramEnd = onProgramEnd;
    // Writing to a machine that is gone: `closed` tells.
    attached.stdin.on('error', () => undefined);
    createInterface({ input: attached.stdout }).on('line', (line) => {
      this.#receive(line);
    });
    void this.#awaitClose();
  }

  run(script: string, limitMs = runLimitMs): Promise<ShellResult> {
    const id = this.#nextId();
    return this.#within(limitMs, `a command did not end`, id, (resolve, reject) => {
      this.#running.set(id, { output: '', finish: resolve, fail: reject });
      this.#write(`${id} run ${base64(script)}`, reject);
    });
  }

  /**
   * Starts a program: a script that ends in `exec`, as the leader of a process group of its own. `begun` is told its number,
   * always before its end is told: a program may be that short.
   */
  start(script: string, begun: (pid: number) => void): Promise<void> {
    const id = this.#nextId();
    return this.#within(startLimitMs, `a program did not start`, id, (resolve, reject) => {
      this.#starting.set(id, {
        begun(pid) {
          begun(pid);
          resolve();
        },
        fail: reject,
      });
      this.#write(`${id} start ${base64(script)}`, reject);
    });
  }

  /** The machine lives on when this end lets go. */
  keep(): void {
    this.#attached.stdin.write('0 keep -\n');
  }

  detach(): void {
    this.#attached.detach();
  }

  async #awaitClose(): Promise<void> {
    await this.#attached.closed;
    this.#isClosed = true;
    const gone = this.#error('its machine is gone');
    for (const waiting of [...this.#running.values(), ...this.#starting.values()]) waiting.fail(gone);
  }

  #nextId(): string {
    return String(++this.#lastId);
  }

  async #within<T>(
    limitMs: number,
    what: string,
    id: string,
    begin: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
  ): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<T>((resolve, reject) => {
        timer = setTimeout(() => reject(this.#error(`${what} within ${limitMs / 1000} s`)), limitMs);
        begin(resolve, reject);
      });
    } finally {
      clearTimeout(timer);
      this.#running.delete(id);
      this.#starting.delete(id);
    }
  }

  #write(line: string, fail: (error: Error) => void): void {
    if (this.#isClosed) fail(this.#error('its machine is off'));
    else this.#attached.stdin.write(`${line}\n`);
  }

  #receive(line: string): void {
    const [kind = '', id = '', text = '', status = ''] = line.split(' ');
    switch (kind) {
      case 'out': {
        const running = this.#running.get(id);
        if (running !== undefined) running.output += text;
        break;
      }
      case 'done':
        this.#finish(id);
        break;
      case 'started':
        this.#starting.get(id)?.begun(Number(text));
        break;
      case 'ended':
        this.#onProgramEnd(programEnd(Number(text), Number(status)));
        break;
      default:
        break;
    }
  }

  #finish(id: string): void {
    const running = this.#running.get(id);
    if (running === undefined) return;
    const output = Buffer.from(running.output, 'base64').toString('utf8');
    const [, stdout = '', status] = /^([\s\S]*)\nstatus (\d+)$/.exec(output) ?? [];
    if (status === undefined)
      running.fail(this.#error(`a command said what it should not: ${output.slice(0, 200)}`));
    else running.finish({ stdout, status: Number(status) });
  }

  #error(reason: string): EnvironmentError {
    return new EnvironmentError(`${this.#name}: ${reason}`, { node: this.#name });
  }
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

const signals = new Map([
  [1, 'SIGHUP'],
  [2, 'SIGINT'],
  [3, 'SIGQUIT'],
  [4, 'SIGILL'],
  [6, 'SIGABRT'],
  [7, 'SIGBUS'],
  [8, 'SIGFPE'],
  [9, 'SIGKILL'],
  [11, 'SIGSEGV'],
  [13, 'SIGPIPE'],
  [15, 'SIGTERM'],
]);

/** A shell tells a death by signal as 128 and its number; no program of interest exits with such a code by itself. */
function programEnd(pid: number, status: number): ProgramEnd {
  const signal = signals.get(status - 128);
  return signal === undefined ? { pid, code: status, signal: null } : { pid, code: null, signal };
}
