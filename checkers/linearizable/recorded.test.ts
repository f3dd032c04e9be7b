// Histories that others recorded, with the verdicts that are known for them. They are read from beside the project where
// they are there; they are no part of it.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { budget } from '../checker.ts';
import { History, HistoryBuilder } from '../history.ts';
import type { Json } from '../json.ts';
import { casRegister } from '../models/cas-register.ts';
import { check } from './check.ts';

const folder = new URL('../../../shared/histories/porcupine/', import.meta.url);
const present = existsSync(new URL('expected.csv', folder));

/**
 * Lines `INFO  jepsen.util - PROCESS :TYPE :F VALUE` of Jepsen's logs. There, a refused cas does not tell what it found,
 * so it is left out; a verdict of invalid without it holds with it.
 */
function parseLog(text: string): History {
  const builder = new HistoryBuilder();
  const open = new Map<number, Json | undefined>();
  let time = 0;
  for (const line of text.split('\n')) {
    const match = /jepsen\.util - (\d+)\s+:(\w+)\s+:(\w+)\s+(.*?)\s*$/u.exec(line);
    if (match === null) continue;
    const [, digits, type, f, rest] = match as unknown as [
      string,
      string,
      'invoke' | 'ok' | 'fail' | 'info',
      string,
      string,
    ];
    const process = Number(digits);
    const told =
      rest === 'nil' || rest.startsWith(':') ? undefined : (JSON.parse(rest.replace(/\s+/u, ',')) as Json);
    if (type === 'invoke') open.set(process, told);
    const value = f === 'read' ? told : open.get(process);
    builder.append({ time: time++, process, type, f, ...(value === undefined ? {} : { value }) });
  }
  return builder.build();
}

const title = 'recorded etcd registers get the verdicts that are known for them';
const skipped = `${title} (SKIPPED: ../shared/histories is not here)`;

it.skipIf(!present)(present ? title : skipped, { timeout: 60_000 }, async () => {
  const rows = readFileSync(new URL('expected.csv', folder), 'utf8').trim().split('\n').slice(1);
  const expected = new Map(
    rows.map((row) => row.split(',')).map((cells) => [cells[0] as string, cells.at(-1) as string]),
  );
  const wrong: string[] = [];
  let judged = 0;
  for (const file of readdirSync(new URL('etcd/', folder)).sort()) {
    const history = parseLog(readFileSync(new URL(`etcd/${file}`, folder), 'utf8'));
    const { validity } = await check(history, casRegister(), budget({ timeMs: 10_000 }));
    const verdict = expected.get(`etcd/${file}`) === 'linearizable' ? 'valid' : 'invalid';
    if (validity !== verdict) wrong.push(`${file}: ${validity}, known to be ${verdict}`);
    judged++;
  }
  expect(wrong).toEqual([]);
  expect(judged).toBe(rows.filter((row) => row.startsWith('etcd/')).length);
});
