import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { realHost } from '../server/real-host.ts';
import { withSlowDisk } from './slow-disk.ts';

test('a slow disk keeps what is written and takes its time to sync', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'faultline-slow-'));
  try {
    const file = await withSlowDisk(realHost, 60).disk.open(join(folder, 'log'));
    await file.append(Buffer.from('kept'));
    const begun = performance.now();
    await file.sync();
    expect(performance.now() - begun).toBeGreaterThanOrEqual(59);
    expect((await file.read()).toString()).toBe('kept');
    await file.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('without a delay it is the host as it was', () => {
  expect(withSlowDisk(realHost, 0)).toBe(realHost);
});
