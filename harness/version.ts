// The tool's own version, from the package it was installed with.

import { readFileSync } from 'node:fs';

/** E.g. `0.1.0`. */
export function version(): string {
  const root = import.meta.url.endsWith('.ts') ? '../package.json' : '../../package.json';
  const text = readFileSync(new URL(root, import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
