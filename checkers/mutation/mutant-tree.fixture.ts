// The checker compiled into a folder of its own, where one line of it can be replaced.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export interface Mutation {
  /** Below `checkers/`. */
  readonly file: string;
  /** Text that is in the file exactly once … */
  readonly find: string;
  /** … and what comes in its place. */
  readonly replace: string;
}

const sources = fileURLToPath(new URL('..', import.meta.url));

export class MutantTree implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'faultline-mutants-'));

  constructor() {
    writeFileSync(join(this.path, 'package.json'), '{"type":"module"}');
    for (const file of readdirSync(sources, { recursive: true, encoding: 'utf8' })) {
      if (file.endsWith('.ts') && !file.endsWith('.test.ts')) this.#write(file, sourceOf(file));
    }
  }

  /** The path of a compiled program. */
  program(file: string): string {
    return join(this.path, file.replace(/\.ts$/u, '.js'));
  }

  /** Puts the mutant in; what comes back takes it out again. Throws when the text is not there, or not only once. */
  mutate({ file, find, replace }: Mutation): Disposable {
    const text = sourceOf(file);
    const places = text.split(find).length - 1;
    if (places !== 1)
      throw new Error(`checkers/${file} has ${places} times what the mutant replaces: ${find}`);
    this.#write(
      file,
      text.replace(find, () => replace),
    );
    return { [Symbol.dispose]: () => this.#write(file, text) };
  }

  #write(file: string, text: string): void {
    const path = this.program(file);
    mkdirSync(dirname(path), { recursive: true });
    const { outputText } = ts.transpileModule(text, {
      compilerOptions: {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
        rewriteRelativeImportExtensions: true,
      },
    });
    writeFileSync(path, outputText);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

function sourceOf(file: string): string {
  return readFileSync(join(sources, file), 'utf8');
}
