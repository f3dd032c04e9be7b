// The two folders are pure because other parts rest on it: the simulator replays them, the mutants replace their rules.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const folders = [
  {
    name: 'cluster/raft',
    folder: new URL('./', import.meta.url),
    mayImport: /^\.\/[a-z-]+(\.fixture)?\.ts$/,
  },
  {
    name: 'cluster/register',
    folder: new URL('../register/', import.meta.url),
    mayImport: /^(\.\/[a-z-]+\.ts|\.\.\/\.\.\/checkers\/json\.ts)$/,
  },
];

const outside =
  /\b(Promise|async|await|setTimeout|setInterval|setImmediate|queueMicrotask|Date|performance|process|globalThis|require|fetch|crypto|console)\b|Math\.random\(|import\(/;

describe.each(folders)('the sources in $name', ({ folder, mayImport }) => {
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }));

  it('are there', () => {
    expect(sources.length).toBeGreaterThanOrEqual(2);
  });

  it.each(sources)('$name imports nothing that it may not', ({ text }) => {
    const imported = [...text.matchAll(/\bfrom '([^']+)'|^import '([^']+)'/gm)].map(
      (match) => match[1] ?? match[2],
    );
    expect(imported.filter((name) => !mayImport.test(name ?? ''))).toEqual([]);
  });

  it.each(sources)('$name reaches for no clock, timer, promise, randomness, socket or file', ({ text }) => {
    expect(outside.exec(codeOf(text))?.[0]).toBeUndefined();
  });
});

it('a source that did would be noticed', () => {
  for (const line of [
    'await x',
    'Date.now()',
    'const r = Math.random();',
    "import('node:fs')",
    'new Promise(f)',
  ]) {
    expect(outside.test(codeOf(line)), line).toBe(true);
  }
});

/** Without comments, which may well talk about clocks. */
function codeOf(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}
