// The house rules that a compiler cannot hold: who imports whom, how files are named, what production code leaves out.

import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const folders = ['harness', 'cluster', 'checkers', 'workloads', 'reports', 'docker'];

/** First match decides. `may` are prefixes of files that a file below `from` may import besides its own folder. */
const table: readonly { from: string; may: readonly string[]; own?: string }[] = [
  { from: 'checkers/', may: [] },
  { from: 'harness/cli/', may: ['harness/', 'checkers/', 'workloads/', 'cluster/', 'reports/', 'docker/'] },
  {
    from: 'harness/library.ts',
    may: ['harness/', 'checkers/', 'workloads/', 'cluster/', 'reports/', 'docker/'],
  },
  { from: 'harness/', may: ['checkers/'] },
  { from: 'workloads/', may: ['checkers/', 'harness/'] },
  { from: 'cluster/raft/', may: [], own: 'cluster/raft/' },
  { from: 'cluster/register/', may: ['checkers/json.ts'], own: 'cluster/register/' },
  { from: 'cluster/', may: ['harness/', 'checkers/op.ts', 'checkers/json.ts'] },
  { from: 'docker/', may: ['harness/', 'checkers/json.ts'] },
  { from: 'reports/', may: ['checkers/', 'harness/'] },
];

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.parentPath.includes('testdata'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

function imports(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = text.matchAll(/['"`](?:[^'"`\n]*\W)?pitfalls? (\d+(?:, \d+)*)/g);
  return [...found].map((match) => match[1] ?? match[2] ?? '');
}

/** Complaints about one file's imports; a test may use whatever its folder's parts are tested against. */
function complaints(file: string, targets: readonly string[]): string[] {
  const rule = table.find(({ from }) => file.startsWith(from));
  if (rule === undefined) return [`${file}: no rule says what it may import`];
  const own = rule.own ?? `${file.split('/')[0]}/`;
  return targets
    .filter((target) => target.startsWith('.'))
    .map((target) => posix.normalize(posix.join(dirname(file), target)))
    .filter(
      (target) => !target.startsWith(own) || (file.startsWith('harness/') && isCommandLine(target, file)),
    )
    .filter((target) => !rule.may.some((prefix) => target.startsWith(prefix)) || isCommandLine(target, file))
    .map(
      (target) =>
        `${file} imports ${target}; files below ${rule.from} may import ${own} and [${rule.may.join(', ')}]`,
    );
}

/** harness/cli joins the parts: nothing but itself and the library entry may depend on it. */
function isCommandLine(target: string, file: string): boolean {
  return (
    target.startsWith('harness/cli/') && !file.startsWith('harness/cli/') && file !== 'harness/library.ts'
  );
}

const all = folders.flatMap(sources);
const production = all.filter((file) => !/\.(test|contract|fixture)\.ts$/.test(file));

describe('house rules', () => {
  it('the import table holds in every file', () => {
    expect(production.length).toBeGreaterThan(40);
    expect(production.flatMap((file) => complaints(file, imports(file)))).toEqual([]);
  });

  it('the import table would name file, target and rule', () => {
    expect(complaints('checkers/x.ts', ['../harness/clock.ts'])).toEqual([
      'checkers/x.ts imports harness/clock.ts; files below checkers/ may import checkers/ and []',
    ]);
    expect(complaints('workloads/x.ts', ['../cluster/register-system.ts'])).toHaveLength(1);
    expect(complaints('cluster/raft/x.ts', ['../register/register.ts'])).toHaveLength(1);
    expect(complaints('harness/x.ts', ['./cli/main.ts'])).toHaveLength(1);
    expect(complaints('harness/cli/x.ts', ['../../docker/y.ts', '../../workloads/z.ts'])).toEqual([]);
  });

  it('files are named in kebab-case for what they hold, never as a bag', () => {
    const bags = /^(utils?|helpers?|common|types|manager|base|misc|index)\./;
    expect(
      all.filter(
        (file) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|contract|fixture|property))*\.ts$/.test(basename(file)),
      ),
    ).toEqual([]);
    expect(all.filter((file) => bags.test(basename(file)))).toEqual([]);
  });

  it('production code has no switch for bugs, no unfinished marks and no console', () => {
    const banned = /\bif \(bug|\bTODO\b|\bFIXME\b|\bXXX\b|@ts-ignore|@ts-nocheck|console\./;
    const bad = production.filter((file) => banned.test(readFileSync(join(root, file), 'utf8')));
    expect(bad).toEqual([]);
  });

  it('each of the pitfalls 1 to 24 of operation outcome, processes, time and rate has a test that names it', () => {
    const named = new Set<number>();
    for (const file of all.filter((name) => name.endsWith('.test.ts'))) {
      const text = readFileSync(join(root, file), 'utf8');
      for (const [, numbers] of text.matchAll(/['"`](?:[^'"`\n]*\W)?pitfalls? (\d+(?:, \d+)*)/g)) {
        for (const n of numbers?.split(', ') ?? []) named.add(Number(n));
      }
    }
    const missing = Array.from({ length: 24 }, (_, i) => i + 1).filter((n) => !named.has(n));
    expect(missing).toEqual([]);
  });
});
