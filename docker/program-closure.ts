// Everything that a program of ours loads when it runs: its compiled file, what that imports, and the npm packages
// among it. An image gets exactly this, and a digest of it changes when and only when what runs does.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';

export interface ClosureFile {
  /** From the root of what is installed, with slashes: `dist/…` or `node_modules/…`. */
  readonly to: string;
  /** On this machine, absolute. */
  readonly from: string;
}

/** Statements begin a line in compiled files; what a dynamic import names is taken where it is a plain string. */
const importForms = [
  /^\s*import\s+['"]([^'"\n]+)['"]/gm,
  /^\s*(?:import|export)\s[^'";()]*?\bfrom\s*['"]([^'"\n]+)['"]/gm,
  /^(?!\s*(?:\/\/|\*)).*?\bimport\(\s*['"]([^'"\n]+)['"]/gm,
];

/** Types, maps and pages: what no program loads. */
const unread = /\.(?:d\.[cm]?ts|map|md|markdown)$/i;

/**
 * `entries` are absolute paths of compiled files below `dist` (itself absolute). Sorted by `to`. Throws an Error that
 * names the file when something cannot be found, or would be needed in two versions.
 */
export function programClosure(entries: readonly string[], dist: string): readonly ClosureFile[] {
  const seen = new Set<string>();
  const packages = new Map<string, string>();
  const waiting = [...entries];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    if (relative(dist, file).startsWith('..')) throw new Error(`${file} is outside ${dist}`);
    if (!existsSync(file)) throw new Error(`there is no ${file}: "npm run build" makes it`);
    seen.add(file);
    for (const wanted of importsOf(readFileSync(file, 'utf8'))) {
      if (wanted.startsWith('.')) waiting.push(join(dirname(file), wanted));
      else if (!isBuiltin(wanted)) takePackage(packageName(wanted), dirname(file), packages);
    }
  }
  const own = [...seen].map((from) => ({ to: `dist/${slashed(relative(dist, from))}`, from }));
  const theirs = [...packages].flatMap(([name, folder]) => packageFiles(name, folder));
  return [...own, ...theirs].sort((a, b) => (a.to < b.to ? -1 : 1));
}

/** What a compiled file imports, each once. */
export function importsOf(text: string): readonly string[] {
  const found = importForms.flatMap((form) => [...text.matchAll(form)].map((match) => match[1] ?? ''));
  return [...new Set(found)];
}

/** The package and all that it depends on. One below the package's own folder comes along with that folder. */
function takePackage(name: string, wantedIn: string, packages: Map<string, string>): void {
  const folder = packageFolder(name, wantedIn);
  const known = packages.get(name);
  if (known === folder) return;
  if (known !== undefined) throw new Error(`two versions of ${name} are needed: ${known} and ${folder}`);
  if ([...packages.values()].some((other) => folder.startsWith(other + sep))) return;
  packages.set(name, folder);
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies?: Readonly<Record<string, string>>;
  };
  for (const dependency of Object.keys(dependencies)) takePackage(dependency, folder, packages);
}

/** `@scope/name/sub/path` to `@scope/name`. */
function packageName(wanted: string): string {
  return wanted
    .split('/')
    .slice(0, wanted.startsWith('@') ? 2 : 1)
    .join('/');
}

function packageFolder(name: string, wantedIn: string): string {
  for (let at = wantedIn; ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name);
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (at === dirname(at)) throw new Error(`the npm package ${name}, which ${wantedIn} needs, is not there`);
  }
}

function packageFiles(name: string, folder: string): readonly ClosureFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !unread.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((from) => ({ to: `node_modules/${name}/${slashed(relative(folder, from))}`, from }));
}

function slashed(path: string): string {
  return path.split(sep).join('/');
}
