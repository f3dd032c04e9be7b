// `faultline check`: recorded histories, or whole run folders, judged without any cluster.

import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { type Json, maxNesting } from '../../checkers/json.ts';
import { bare, findFlaw } from '../../checkers/json-scan.ts';
import { algorithmNames } from '../../checkers/linearizable/judge-part.ts';
import { resultsJson } from '../../reports/json.ts';
import { verdictText } from '../../reports/words.ts';
import { UsageError } from '../errors.ts';
import { isRunFolder } from '../saved-run.ts';
import { type CheckArguments, standardInput } from './check-arguments.ts';
import { judgeFiles } from './check-files.ts';
import { durationMs } from './duration.ts';
import { exitCodeOf } from './exit-codes.ts';
import { judgePath, modelOf, type OnOrder, startOf, type Wishes } from './judge-path.ts';
import { unknownName } from './unknown-name.ts';

export async function checkCommand(args: CheckArguments): Promise<number> {
  const wishes = wishesOf(args);
  const [only, ...others] = args.paths;
  if (only === undefined) throw new UsageError('check: which run folder or history file?');
  if (others.length > 0) {
    if (args.orders !== undefined) throw new UsageError('--orders: is for one path at a time');
    return judgeFiles(args.paths, wishes, args.json);
  }
  using orders = args.orders === undefined ? undefined : new OrderFile(args.orders);
  const run = await judgePath(only, wishes, {
    note: (text, line) =>
      void process.stderr.write(`${only}${line === undefined ? '' : `:${line}`}: ${text}\n`),
    orders: orders?.write,
  });
  orders?.complete();
  const folder = (await isRunFolder(only)) ? only : undefined;
  process.stdout.write(args.json ? resultsJson(run) : `${verdictText(run, folder)}\n`);
  return exitCodeOf(run.verdict.conclusion);
}

/** Throws UsageError for what can be known to be wrong before anything is read. */
function wishesOf(args: CheckArguments): Wishes {
  const timeMs = durationMs('time-budget', args['time-budget']);
  const memory = args['memory-budget'];
  if (!(memory > 0)) throw new UsageError(`--memory-budget: ${memory} is no size; allowed: MiB, more than 0`);
  const initial = args.initial === undefined ? undefined : { value: initialOf(args.initial) };
  if (args.model !== undefined) startOf(modelOf(args.model), initial);
  if (args.algorithm !== undefined && !algorithmNames().includes(args.algorithm)) {
    throw unknownName('--algorithm', args.algorithm, algorithmNames());
  }
  if (args.paths.filter((path) => path === standardInput).length > 1) {
    throw new UsageError('-: given twice; the standard input can be read once');
  }
  return {
    ...(args.model === undefined ? {} : { model: args.model }),
    ...(initial === undefined ? {} : { initial }),
    ...(args.algorithm === undefined ? {} : { algorithm: args.algorithm }),
    read: {
      ...(args.format === undefined ? {} : { format: args.format }),
      ...(args.keyed === undefined ? {} : { keyed: args.keyed }),
    },
    timeMs,
    memoryBytes: memory * 1024 * 1024,
  };
}

function initialOf(text: string): Json {
  const flaw = findFlaw(text, maxNesting);
  if (flaw === undefined) return JSON.parse(text) as Json;
  throw new UsageError(`--initial: ${bare(text)} is not JSON; allowed: a value such as 0, null or '"text"'`);
}

/** Linearizations as they are found, a line of JSON a key. */
class OrderFile implements Disposable {
  readonly #path: string;
  readonly #file: number;
  #isComplete = false;

  constructor(path: string) {
    this.#path = path;
    try {
      this.#file = openSync(path, 'wx');
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException;
      const why = code === 'EEXIST' ? 'is there already' : `cannot be written (${message})`;
      throw new UsageError(`--orders: ${path} ${why}`);
    }
  }

  readonly write: OnOrder = (key, order) => {
    writeSync(this.#file, `${JSON.stringify({ key: key ?? null, order: Array.from(order) })}\n`);
  };

  /** What was not judged to the end leaves no file, so that the same command can be given again. */
  complete(): void {
    this.#isComplete = true;
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
    if (!this.#isComplete) rmSync(this.#path, { force: true });
  }
}
