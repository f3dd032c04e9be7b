// Where a node's data are. They survive the container, and go with the run.

import type { Engine } from './engine.ts';

/** Small enough to be filled in a moment, large enough for any run. */
const limitedMiB = 64;

export interface VolumeWish {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** In memory and of limited size, so that it can be filled without harm to anybody else. */
  readonly isLimited: boolean;
}

export async function makeVolume(engine: Engine, { name, labels, isLimited }: VolumeWish): Promise<void> {
  const limited = { type: 'tmpfs', device: 'tmpfs', o: `size=${limitedMiB}m,uid=1000,gid=1000,mode=755` };
  await engine.attempt(`create the volume ${name}`, (docker) =>
    docker.createVolume({ Name: name, Labels: { ...labels }, ...(isLimited ? { DriverOpts: limited } : {}) }),
  );
}
