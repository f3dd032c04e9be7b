// Which row of a timeline an operation stands in. A thread goes on under a new process after an unknown outcome, so a
// row is a thread and carries the names of its processes; without a known number of threads a row is a process.

import type { History } from '../../checkers/history.ts';

export interface Row {
  /** By time: the invocations drawn in this row. */
  readonly invocations: readonly number[];
  readonly title: string;
  readonly subtitle: string;
}

export interface Rows {
  readonly rows: readonly Row[];
  /** Rows left out since there are too many. */
  readonly leftOut: number;
}

/** `first` are processes whose rows must be there. */
export function timelineRows(
  history: History,
  invocations: readonly number[],
  options: { threads: number; limit: number; first: readonly number[] },
): Rows {
  const threadOf = (process: number): number => (options.threads > 0 ? process % options.threads : process);
  const byThread = new Map<number, number[]>();
  for (const index of invocations) {
    const thread = threadOf(Number(history.process(index)));
    const row = byThread.get(thread);
    if (row === undefined) byThread.set(thread, [index]);
    else row.push(index);
  }
  const wanted = new Set(options.first.map(threadOf));
  const threads = [...byThread.keys()]
    .sort((a, b) => Number(wanted.has(b)) - Number(wanted.has(a)) || a - b)
    .slice(0, options.limit)
    .sort((a, b) => a - b);
  return {
    rows: threads.map((thread) => rowOf(history, thread, byThread.get(thread) ?? [])),
    leftOut: byThread.size - threads.length,
  };
}

function rowOf(history: History, thread: number, invocations: readonly number[]): Row {
  const processes = [...new Set(invocations.map((index) => Number(history.process(index))))];
  const nodes = [...new Set(invocations.map((index) => history.node(index)))];
  const node = nodes.length === 1 && nodes[0] !== undefined ? `on ${nodes[0]}` : '';
  const [only] = processes;
  if (processes.length === 1) return { invocations, title: `process ${only}`, subtitle: node };
  const names = processes.length > 3 ? `${processes.length} processes` : `processes ${processes.join(', ')}`;
  return { invocations, title: `thread ${thread}`, subtitle: node === '' ? names : `${node}, ${names}` };
}
