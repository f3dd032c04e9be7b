// counterexample.jsonl: the minimal sub-history of the worst counterexample as a history of its own, which a checker
// judges as invalid by itself. Each op keeps its place in the whole history in the field `original`.

import { HistoryBuilder, type NewOp } from '../checkers/history.ts';
import { formatOp } from '../checkers/op-line.ts';
import type { TestRun } from '../harness/test-run.ts';
import type { Report } from './report.ts';

export const counterexampleReport: Report = {
  name: 'counterexample',
  render(run) {
    const content = counterexampleLines(run);
    return content === undefined ? [] : [{ path: 'counterexample.jsonl', content }];
  },
};

function counterexampleLines({ history, result }: TestRun): string | undefined {
  const found = result.counterexamples?.[0];
  if (found === undefined) return undefined;
  // An unknown outcome has no place to be completed at, but its info op, where there is one, retires the process.
  const originals = found.operations
    .flatMap(({ id }) => [id, history.partner(id)])
    .filter((index) => index !== -1)
    .sort((a, b) => a - b);
  const builder = new HistoryBuilder();
  for (const original of originals) {
    const { index, ...op } = history.op(original);
    const renumbered: NewOp = { ...op, ext: { ...op.ext, original: index } };
    builder.append(renumbered);
  }
  return [...builder.build()].map((op) => `${formatOp(op)}\n`).join('');
}
