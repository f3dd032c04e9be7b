// Recorded histories, each judged again and again, beside the reference where there is one. The folder has a list
// `expected.csv`: file, format, model, operations, never returned, keys, expected verdict.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeHistory } from '../formats/write-history.ts';
import { readHistoryFile } from '../history-file.ts';
import { modelOf, timed } from './measure.ts';
import { median } from './processor.ts';
import { reference, runReference } from './reference.ts';

const RUNS = 15;

export async function benchRecorded(folder: string, print: (text: string) => void): Promise<void> {
  const list = readFileSync(join(folder, 'expected.csv'), 'utf8').trim().split('\n').slice(1);
  const copy = join(tmpdir(), `faultline-recorded-${process.pid}.jsonl`);
  const sums = { ours: 0, reference: 0 };
  let slower = 0;
  const files = await Promise.all(
    list.map(async (line) => {
      const [file = '', , model = '', , , , expected = ''] = line.split(',');
      return { file, model, expected, ...(await readHistoryFile(join(folder, file))) };
    }),
  );
  // Each once before any is measured: compiled code is what is compared with.
  for (const { history, model } of files) await timed(history, modelOf(model));
  for (const { file, model, expected, history } of files) {
    const runs = [];
    for (let run = 0; run < RUNS; run++) runs.push(await timed(history, modelOf(model)));
    const ms = median(runs.map((run) => run.ms));
    sums.ours += ms;
    const { verdict, algorithm } = runs[0] as (typeof runs)[number];
    const due = expected === 'linearizable' ? 'valid' : 'invalid';
    let text = `  ${file}: ${verdict}${verdict === due ? '' : ` BUT KNOWN TO BE ${due}`} by ${algorithm}, ${ms.toFixed(2)} ms`;
    if (reference !== undefined) {
      writeFileSync(copy, [...writeHistory(history, 'jsonl')].join(''));
      const other = runReference(reference, copy, model, { seconds: 60, runs: RUNS });
      if (other.ms !== undefined) {
        sums.reference += other.ms;
        if (other.ms < ms) slower++;
        text += `; reference: ${other.verdict}, ${other.ms.toFixed(2)} ms, ratio ${(other.ms / ms).toFixed(1)}`;
      } else text += `; reference: ${other.verdict}`;
    }
    print(text);
  }
  rmSync(copy, { force: true });
  print(
    `  in sum: ${sums.ours.toFixed(1)} ms for ${files.length} files` +
      (reference === undefined
        ? ''
        : `; reference ${sums.reference.toFixed(1)} ms, ratio ${(sums.reference / sums.ours).toFixed(1)}; ${slower} files slower than there`),
  );
}
