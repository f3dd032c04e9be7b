// How long a history file takes to read, beside JSON.parse over the same lines.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeHistory } from '../formats/write-history.ts';
import { readHistoryFile } from '../history-file.ts';
import { median, peakBytes, processorMs, startOfPeak } from './processor.ts';
import { simulatedHistory } from './simulated-history.ts';

const RUNS = 3;

/** Prints a line for each length. */
export async function benchLoad(lengths: readonly number[], print: (text: string) => void): Promise<void> {
  print('load: history files in JSON lines, 100 clients, read/write/cas; medians of processor time');
  for (const operations of lengths) {
    const path = join(tmpdir(), `faultline-load-${process.pid}.jsonl`);
    const shape = { operations, clients: 100, writes: 0.25, cas: 0.25, crashed: 0.01, keys: 100 };
    writeFileSync(path, [...writeHistory(simulatedHistory(1, shape), 'jsonl')].join(''));
    try {
      globalThis.gc?.();
      const before = startOfPeak();
      const first = performance.now();
      await readHistoryFile(path);
      const firstMs = performance.now() - first;
      const megabytes = (peakBytes() - before) / 2 ** 20;
      const ours: number[] = [];
      const parse: number[] = [];
      for (let run = 0; run < RUNS; run++) {
        ours.push(await processorTime(async () => void (await readHistoryFile(path))));
        parse.push(
          await processorTime(async () => {
            for (const line of readFileSync(path, 'utf8').split('\n')) if (line !== '') JSON.parse(line);
          }),
        );
      }
      const ratio = median(ours) / median(parse);
      print(
        `  ${operations.toLocaleString('en-US').padStart(9)}  ${median(ours).toFixed(0)} ms, ` +
          `JSON.parse ${median(parse).toFixed(0)} ms, ratio ${ratio.toFixed(2)}; ` +
          `first time ${firstMs.toFixed(0)} ms by the clock, ${megabytes.toFixed(0)} MB`,
      );
    } finally {
      rmSync(path, { force: true });
    }
  }
}

async function processorTime(work: () => Promise<void>): Promise<number> {
  const began = processorMs();
  await work();
  return processorMs() - began;
}
