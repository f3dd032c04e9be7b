// How often the kernel has killed something in a machine because its memory was used up.

import type { Shell } from './shell.ts';

/** Both versions of control groups have a line `oom_kill N`, in different files. */
const script = 'cat /sys/fs/cgroup/memory/memory.oom_control /sys/fs/cgroup/memory.events 2>/dev/null; true';

export async function outOfMemoryKills(shell: Shell): Promise<number> {
  const { stdout } = await shell.run(script);
  return parseKills(stdout);
}

export function parseKills(text: string): number {
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
}
