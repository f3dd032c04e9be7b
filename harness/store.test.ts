// What a run folder does when the disk does not.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseHistory } from '../checkers/history-file.ts';
import type { EnvironmentError } from './errors.ts';
import { RunFolder } from './store.ts';

let disk: string;
let isMounted: boolean;

/** A disk of its own, 64 KiB large; only root can make one. */
beforeEach(async () => {
  disk = mkdtempSync(join(tmpdir(), 'faultline-disk-'));
  const { exitCode } = await execa('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], {
    reject: false,
  });
  isMounted = exitCode === 0;
});
afterEach(async () => {
  if (isMounted) await execa('umount', [disk]);
  rmSync(disk, { recursive: true, force: true });
});

describe('the run folder', () => {
  it('says so when the history cannot be written, keeps what waits, and writes it once there is room', (context) => {
    if (!isMounted) {
      process.stderr.write('NOT TESTED: a disk that fills up: only root can mount a small one\n');
      if (process.env['CI'] === 'true') throw new Error('CI must be able to mount a tmpfs');
      context.skip();
    }
    writeFileSync(join(disk, 'filling'), Buffer.alloc(40_000));
    const errors: EnvironmentError[] = [];
    const folder = RunFolder.create(disk, 'run', new Date(0), (error) => errors.push(error));
    const written = 400;
    for (let index = 0; index < written; index++) {
      // Of several bytes a character, so that a write that stops anywhere stops within one.
      folder.record({
        index,
        type: 'invoke',
        process: index,
        time: index,
        f: 'write',
        key: '€€€€',
        value: 'ü',
      });
    }
    folder.flush();
    expect(errors[0]?.message).toMatch(/the history cannot be written to .*ENOSPC/);
    expect(statSync(join(folder.path, 'history.jsonl')).size).toBeGreaterThan(0);
    rmSync(join(disk, 'filling'));
    folder.flush();
    folder.closeHistory();
    const text = readFileSync(join(folder.path, 'history.jsonl'), 'utf8');
    const { history, truncated } = parseHistory(text, 'history.jsonl');
    expect(truncated).toBeUndefined();
    expect(history.length).toBe(written);
  });
});
