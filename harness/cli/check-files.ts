// Many histories judged at once, each in one of a few worker threads.

import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { safeLine } from '../../reports/safe-text.ts';
import { programPath } from '../program-path.ts';
import { standardInput } from './check-arguments.ts';
import { exitCodes, worstExitCode } from './exit-codes.ts';
import { type FileVerdict, judgeOne } from './judge-one.ts';
import type { Wishes } from './judge-path.ts';

/** Files that are smaller together are judged sooner than threads are started. */
const WORTH_THREADS_BYTES = 2 ** 20;

/** Every file is judged, whatever is wrong with others; a line each, and what could not be judged last. */
export async function judgeFiles(paths: readonly string[], wishes: Wishes, json: boolean): Promise<number> {
  const results: object[] = [];
  const refused: string[] = [];
  const codes: number[] = [];
  const noted = new Map<string, string[]>();
  for await (const [path, verdict] of inOrder(paths, wishes, json)) {
    for (const note of verdict.notes) noted.set(note, [...(noted.get(note) ?? []), path]);
    if ('error' in verdict) {
      codes.push(exitCodes.usage);
      refused.push(verdict.error);
      results.push({ file: path, error: verdict.error });
    } else {
      codes.push(verdict.code);
      if (json) results.push({ file: path, ...(JSON.parse(verdict.results) as object) });
      else process.stdout.write(`${safeLine(`${path}: ${verdict.sentence}`)}\n`);
    }
  }
  if (json) process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`);
  for (const [note, of] of noted) {
    const whose = of.length === 1 ? of[0] : `${of.length} files, ${of[0]} the first`;
    process.stderr.write(`${safeLine(`${whose}: ${note}`)}\n`);
  }
  for (const message of refused) process.stderr.write(`faultline: ${message}\n`);
  return worstExitCode(codes);
}

/** The verdicts in the order of the paths, each as soon as it and those before it are there. */
async function* inOrder(
  paths: readonly string[],
  wishes: Wishes,
  json: boolean,
): AsyncGenerator<[path: string, verdict: FileVerdict]> {
  const threads = await threadsFor(paths);
  if (threads < 2) {
    for (const path of paths) yield [path, await judgeOne(path, wishes, json)];
    return;
  }
  // Together they may use what one alone could.
  const share = { ...wishes, memoryBytes: wishes.memoryBytes / threads };
  const workers = Array.from({ length: threads }, () => new FileWorker(share, json));
  try {
    const free = [...workers];
    const waiting: ((worker: FileWorker) => void)[] = [];
    const take = async (): Promise<FileWorker> =>
      free.pop() ?? new Promise((resolve) => void waiting.push(resolve));
    const verdicts = paths.map(async (path) => {
      // A thread has no standard input of its own.
      if (path === standardInput) return judgeOne(path, share, json);
      const worker = await take();
      try {
        return await worker.judge(path);
      } finally {
        const next = waiting.shift();
        if (next === undefined) free.push(worker);
        else next(worker);
      }
    });
    // Whoever waits for one that comes before must not make this an error that nobody hears of.
    for (const verdict of verdicts) verdict.catch(() => {});
    for (const [at, path] of paths.entries()) yield [path, (await verdicts[at]) as FileVerdict];
  } finally {
    for (const worker of workers) worker.end();
  }
}

async function threadsFor(paths: readonly string[]): Promise<number> {
  const sizes = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  return bytes < WORTH_THREADS_BYTES ? 1 : Math.min(paths.length, availableParallelism());
}

class FileWorker {
  readonly #worker: Worker;
  readonly #ended = new AbortController();

  constructor(wishes: Wishes, json: boolean) {
    this.#worker = new Worker(programPath('harness/cli/judge-one.ts'), { workerData: { wishes, json } });
    this.#worker.once('exit', () => this.#ended.abort());
  }

  /** Rejects when the thread ends by itself, and for every path after that. */
  async judge(path: string): Promise<FileVerdict> {
    this.#worker.postMessage(path, []);
    const [verdict] = (await once(this.#worker, 'message', { signal: this.#ended.signal })) as [FileVerdict];
    return verdict;
  }

  end(): void {
    void this.#worker.terminate();
  }
}
