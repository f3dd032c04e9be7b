// The package as a stranger gets it: packed, installed into an empty folder, run and imported there.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

describe('the packed package', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-package-'));
    const { stdout } = await execa(
      'npm',
      ['pack', '--json', '--ignore-scripts', '--pack-destination', folder],
      { cwd: root },
    );
    const packed = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[];
    const files = packed[0]?.files.map((file) => file.path) ?? [];
    expect(files).toContain('dist/harness/cli/main.js');
    expect(files).toContain('README.md');
    expect(files).toContain('LICENSE');
    expect(files.filter((file) => /\.test\.|testdata|^harness\/|^\.ci/.test(file))).toEqual([]);
    await writeFile(join(folder, 'package.json'), '{"name":"stranger","private":true,"type":"module"}');
    await execa(
      'npm',
      ['install', '--prefer-offline', '--no-audit', '--no-fund', join(folder, packed[0]?.filename ?? '')],
      { cwd: folder },
    );
  }, 180_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('has a command that runs', async () => {
    const { stdout } = await execa(join(folder, 'node_modules/.bin/faultline'), ['list'], { cwd: folder });
    expect(stdout).toContain('stale-read');
    expect(stdout).toContain('register');
  });

  it('has a library entry that judges a history', async () => {
    await writeFile(
      join(folder, 'judge.js'),
      `import { budget, casRegister, check, History } from 'faultline';
       const ops = [
         { time: 0, type: 'invoke', process: 0, f: 'write', key: 'k', value: 1 },
         { time: 1, type: 'ok', process: 0, f: 'write', key: 'k', value: 1 },
         { time: 2, type: 'invoke', process: 1, f: 'read', key: 'k' },
         { time: 3, type: 'ok', process: 1, f: 'read', key: 'k' },
       ];
       const result = await check(History.of(ops), casRegister(), budget({ timeMs: 10_000 }));
       process.stdout.write(result.validity);`,
    );
    const { stdout } = await execa('node', ['judge.js'], { cwd: folder });
    expect(stdout).toBe('invalid');
  });

  it("has types: a stranger's strict program compiles, and a wrong one does not", async () => {
    const program = (rate: string) => `
      import { defineConfig, run, type TestConfig } from 'faultline';
      const config: TestConfig = defineConfig({ workload: 'register', nodes: 3, nemesis: ['partition'], timeLimitMs: 1000, rate: ${rate} });
      export const started = () => run(config);`;
    await writeFile(join(folder, 'good.ts'), program('100'));
    await writeFile(join(folder, 'bad.ts'), program("'fast'"));
    const compile = (file: string) =>
      execa(
        'node',
        [
          join(root, 'node_modules/typescript/bin/tsc'),
          '--noEmit',
          '--strict',
          '--skipLibCheck',
          '--module',
          'nodenext',
          '--target',
          'es2023',
          '--types',
          'node',
          '--typeRoots',
          join(root, 'node_modules/@types'),
          file,
        ],
        { cwd: folder, reject: false },
      );
    const [good, bad] = await Promise.all([compile('good.ts'), compile('bad.ts')]);
    expect(good.stdout).toBe('');
    expect(good.exitCode).toBe(0);
    expect(bad.stdout).toContain("Type 'string' is not assignable to type 'number'");
  }, 60_000);

  it('names its licence', async () => {
    const manifest = JSON.parse(
      await readFile(join(folder, 'node_modules/faultline/package.json'), 'utf8'),
    ) as { license: string };
    expect(manifest.license).toBe('MIT');
  });
});
