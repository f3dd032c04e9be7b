// Files that others recorded, with the verdicts that are known for them. They are read from beside the project where they
// are there; they are no part of it.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { budget } from '../checker.ts';
import { readHistoryFile } from '../history-file.ts';
import { check } from '../linearizable/check.ts';
import { modelNamed } from '../models/registry.ts';

const folder = fileURLToPath(new URL('../../../shared/histories/porcupine/', import.meta.url));
const present = existsSync(`${folder}expected.csv`);
const title =
  'every recorded file is read, with the number of operations and the verdict that are known for it';

it.skipIf(!present)(
  present ? title : `${title} (SKIPPED: ../shared/histories is not here)`,
  { timeout: 240_000 },
  async () => {
    const rows = readFileSync(`${folder}expected.csv`, 'utf8').trim().split('\n').slice(1);
    const wrong: string[] = [];
    for (const row of rows) {
      const [file = '', format, model = '', operations, , , expected] = row.split(',');
      const loaded = await readHistoryFile(`${folder}${file}`);
      const known = modelNamed(model);
      if (known === undefined) throw new Error(`no model ${model}`);
      const { validity } = await check(loaded.history, known.make(), budget({ timeMs: 60_000 }));
      const invocations =
        loaded.history.length === 0 ? 0 : [...loaded.history].filter(({ type }) => type === 'invoke').length;
      const found = [loaded.format, invocations, validity].join();
      const due = [
        format === 'edn-lines' ? 'edn' : format,
        operations,
        expected === 'linearizable' ? 'valid' : 'invalid',
      ].join();
      if (found !== due) wrong.push(`${file}: ${found}, known to be ${due}`);
    }
    expect(wrong).toEqual([]);
    expect(rows.length).toBeGreaterThan(80);
  },
);
