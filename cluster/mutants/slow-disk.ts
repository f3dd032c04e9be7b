// A host whose disk is as reliable as any and takes its time to sync. No mistake by itself: it keeps requests under way
// for longer, so that what is wrong with the end of a request has something to show on.

import type { Host } from '../server/host.ts';

/** Every sync of a file resolves `delayMs` later than the host's own. */
export function withSlowDisk(host: Host, delayMs: number): Host {
  if (delayMs === 0) return host;
  const later = (): Promise<void> => new Promise((resolve) => void host.clock.timer(delayMs, resolve));
  return {
    ...host,
    disk: {
      makeDirectory: (path) => host.disk.makeDirectory(path),
      exists: (path) => host.disk.exists(path),
      rename: (from, to) => host.disk.rename(from, to),
      syncDirectory: (path) => host.disk.syncDirectory(path),
      async open(path) {
        const file = await host.disk.open(path);
        return {
          read: () => file.read(),
          append: (bytes) => file.append(bytes),
          async sync() {
            await file.sync();
            await later();
          },
          truncate: (size) => file.truncate(size),
          close: () => file.close(),
        };
      },
    },
  };
}
