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
  const groups = threads.map((thread) => byThread.get(thread) ?? []);
  const single = groups.every((group) => processesOf(history, group).length === 1);
  return {
    rows: threads.map((thread, i) => rowOf(history, thread, groups[i] ?? [], single)),
    leftOut: byThread.size - threads.length,
  };
}

function processesOf(history: History, invocations: readonly number[]): number[] {
  return [...new Set(invocations.map((index) => Number(history.process(index))))];
}

/** `single`: no row of the picture has more than one process, so that each is named for its process. */
function rowOf(history: History, thread: number, invocations: readonly number[], single: boolean): Row {
  const processes = processesOf(history, invocations);
  const nodes = [...new Set(invocations.map((index) => history.node(index)))];
  const node = nodes.length === 1 && nodes[0] !== undefined ? `on ${nodes[0]}` : '';
  if (single) return { invocations, title: `process ${processes[0]}`, subtitle: node };
  const names =
    processes.length > 2
      ? `${processes.length} processes`
      : `process${processes.length > 1 ? 'es' : ''} ${processes.join(', ')}`;
  return { invocations, title: `thread ${thread}`, subtitle: node === '' ? names : `${node}, ${names}` };
}
