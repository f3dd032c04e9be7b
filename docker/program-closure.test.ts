import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterEach, describe, expect, it } from 'vitest';
import { programPath } from '../harness/program-path.ts';
import { nodePrograms } from './image-inputs.ts';
import { importsOf, programClosure } from './program-closure.ts';

describe('importsOf', () => {
  it('sees every form that compiled files have, and no other text', () => {
    const text = [
      "import './effect.js';",
      "import * as v from 'valibot';",
      'import {',
      '  one,',
      '  two,',
      "} from './several.js';",
      "export { three } from './again.js';",
      "export * from './all.js';",
      "const late = await import('./late.js');",
      "// import './remark.js' and import('./remark.js')",
      " * import('./docstring.js')",
      "const words = 'import nothing from here';",
      'throw new Error("from \'./message.js\'");',
    ].join('\n');
    expect([...importsOf(text)].sort()).toEqual([
      './again.js',
      './all.js',
      './effect.js',
      './late.js',
      './several.js',
      'valibot',
    ]);
  });
});

describe('programClosure', () => {
  let root: string;

  /** Files by path below a fresh folder; the value is their text. */
  function tree(files: Readonly<Record<string, string>>): string {
    root = mkdtempSync(join(tmpdir(), 'faultline-closure-'));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return root;
  }
  const closure = (...entries: string[]) =>
    programClosure(
      entries.map((entry) => join(root, 'dist', entry)),
      join(root, 'dist'),
    ).map(({ to }) => to);

  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('is what is reached, circles included, and nothing beside it', () => {
    tree({
      'dist/a/main.js': "import { readFile } from 'node:fs/promises';\nimport '../b/one.js';",
      'dist/b/one.js': "import './two.js';",
      'dist/b/two.js': "import './one.js';",
      'dist/b/other.js': '',
    });
    expect(closure('a/main.js')).toEqual(['dist/a/main.js', 'dist/b/one.js', 'dist/b/two.js']);
  });

  it('takes packages with what they depend on, from wherever they are found', () => {
    tree({
      'dist/main.js': "import '@scope/x/deep';",
      'node_modules/@scope/x/package.json': '{"dependencies":{"y":"1","z":"1"}}',
      'node_modules/@scope/x/deep.js': '',
      'node_modules/@scope/x/deep.d.ts': '',
      'node_modules/@scope/x/node_modules/z/package.json': '{}',
      'node_modules/y/package.json': '{"dependencies":{"@scope/x":"1"}}',
      'node_modules/unused/package.json': '{}',
    });
    expect(closure('main.js')).toEqual([
      'dist/main.js',
      'node_modules/@scope/x/deep.js',
      'node_modules/@scope/x/node_modules/z/package.json',
      'node_modules/@scope/x/package.json',
      'node_modules/y/package.json',
    ]);
  });

  it('names what is missing', () => {
    tree({ 'dist/main.js': "import './gone.js';", 'dist/other.js': "import 'gone-package';" });
    expect(() => closure('main.js')).toThrow(/gone\.js: "npm run build" makes it/);
    expect(() => closure('other.js')).toThrow(/the npm package gone-package/);
  });

  it('refuses two versions of one package', () => {
    tree({
      'dist/main.js': "import 'x';\nimport './deep/other.js';",
      'dist/deep/other.js': "import 'x';",
      'dist/deep/node_modules/x/package.json': '{}',
      'node_modules/x/package.json': '{}',
    });
    expect(() => closure('main.js')).toThrow(/two versions of x are needed/);
  });
});

it('the node program runs from its closure alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'faultline-closure-'));
  try {
    const files = programClosure(nodePrograms.map(programPath), programPath('.'));
    for (const { to, from } of files) await cp(from, join(folder, to));
    await cp(programPath('../package.json'), join(folder, 'package.json'));
    for (const program of nodePrograms) {
      const main = join(folder, 'dist', program.replace(/\.ts$/, '.js'));
      const { stderr } = await execa('node', [main], { reject: false, stdin: 'ignore', timeout: 20_000 });
      expect(stderr).not.toMatch(/ERR_MODULE_NOT_FOUND|Cannot find/);
    }
    expect(files.some(({ to }) => to.startsWith('node_modules/valibot/'))).toBe(true);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 60_000);
