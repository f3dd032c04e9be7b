import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

/** The real host itself, and the program that chooses it. */
const doors = new Set(['real-host.ts', 'real-disk.ts', 'real-network.ts', 'main.ts']);

/** Pure modules: bytes in, bytes out. */
const harmless = new Set(['node:path', 'node:util', 'node:zlib']);

const worldly =
  /\b(process|performance|console|setTimeout|setInterval|setImmediate|queueMicrotask|fetch|crypto)\b|\bnew Date\b|\bDate\.|Math\.random/;

const folder = new URL('.', import.meta.url);

describe('the door between the node program and the world', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));

  test.each(files.filter((name) => !doors.has(name)))(
    '%s reaches the world through the host only',
    (name) => {
      const source = readFileSync(new URL(name, folder), 'utf8');
      const imports = [...source.matchAll(/from '(node:[^']+)'/g)].map(([, module = '']) => module);
      expect(imports.filter((module) => !harmless.has(module))).toEqual([]);
      expect(worldly.exec(codeOf(source))?.[0]).toBeUndefined();
      const real = [...source.matchAll(/from '\.\/(real-[^']+)'/g)].map(([, module]) => module);
      expect(real).toEqual([]);
    },
  );

  test('the wall clock is told in the status, and nothing else asks for it', () => {
    const calls = files.flatMap((name) =>
      [...codeOf(readFileSync(new URL(name, folder), 'utf8')).matchAll(/^.*\.wall\b.*$/gm)].map(([line]) =>
        line.trim(),
      ),
    );
    expect(calls).toEqual(['wallMs: this.#host.wall(),']);
  });

  test('the real host is where it is thought to be', () => {
    expect(files).toEqual(expect.arrayContaining([...doors]));
  });
});

/** Without comments and texts. */
function codeOf(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '').replaceAll(/'[^'\n]*'|`[^`]*`/g, "''");
}
