// One of many histories: its verdict in a few words, as plain data. Also what a worker thread runs.

import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { HistoryFileError } from '../../checkers/history-file-error.ts';
import { resultsJson } from '../../reports/json.ts';
import { UsageError } from '../errors.ts';
import { exitCodeOf } from './exit-codes.ts';
import { judgePath, type Wishes } from './judge-path.ts';

export type FileVerdict =
  | { readonly code: number; readonly sentence: string; readonly results: string; readonly notes: string[] }
  /** Why it could not be judged. */
  | { readonly error: string; readonly notes: string[] };

/** `results` is left empty unless asked for. */
export async function judgeOne(path: string, wishes: Wishes, json: boolean): Promise<FileVerdict> {
  const notes: string[] = [];
  try {
    const run = await judgePath(path, wishes, {
      note: (text, line) => void notes.push(line === undefined ? text : `line ${line}: ${text}`),
    });
    const { sentence, conclusion } = run.verdict;
    return { code: exitCodeOf(conclusion), sentence, results: json ? resultsJson(run) : '', notes };
  } catch (error) {
    if (error instanceof UsageError || error instanceof HistoryFileError)
      return { error: error.message, notes };
    throw error;
  }
}

interface Errand {
  readonly wishes: Wishes;
  readonly json: boolean;
}

if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  const { wishes, json } = workerData as Errand;
  port.on('message', (path: string) => {
    // What is thrown ends the thread, and is thrown on where it is waited for.
    void judgeOne(path, wishes, json).then((verdict) => port.postMessage(verdict));
  });
}
