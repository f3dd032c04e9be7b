// Faults of a node's disk. The data are on a volume; a filling lies beside the program's own folder on it.

import type { Json } from '../checkers/json.ts';
import type { Node } from '../harness/environment.ts';
import { EnvironmentError } from '../harness/errors.ts';
import { dataMount } from './machine.ts';
import type { Shell } from './shell.ts';

const filling = `${dataMount}/.filling`;
const fillLimitMs = 60_000;

/** Prints the free bytes, and whether another block can be written. */
const look = `df -P -B1 ${dataMount} | { read -r head; read -r device total used free rest; echo "$free"; }
if head -c 4096 /dev/zero 2>/dev/null > ${dataMount}/.look; then echo writable; else echo refused; fi
rm -f ${dataMount}/.look`;

export interface DiskParts {
  readonly shell: () => Shell;
  readonly isLimited: () => boolean;
  readonly setReadOnly: (readOnly: boolean) => Promise<void>;
}

export function nodeDisk({ shell, isLimited, setReadOnly }: DiskParts): NonNullable<Node['disk']> {
  const seen = async (): Promise<{ freeBytes: number; writable: boolean }> => {
    const { stdout } = await shell().run(look);
    const [free = '', verdict = ''] = stdout.trim().split('\n');
    return { freeBytes: Number(free), writable: verdict === 'writable' };
  };
  return {
    async fill(): Promise<Json> {
      if (!isLimited())
        throw new EnvironmentError('the disk has no limit: filling it would fill the machine’s own');
      // Large blocks first, then what is left of the last one.
      const script = `dd if=/dev/zero of=${filling} bs=1M 2>/dev/null
dd if=/dev/zero bs=4k 2>/dev/null >> ${filling}
[ -s ${filling} ]`;
      const { status } = await shell().run(script, fillLimitMs);
      const after = await seen();
      if (status !== 0 || after.writable) {
        throw new EnvironmentError(`the disk could not be filled: ${after.freeBytes} bytes are free`);
      }
      return after;
    },
    async free(): Promise<Json> {
      await shell().run(`rm -f ${filling}`);
      const after = await seen();
      if (!after.writable)
        throw new EnvironmentError('nothing can be written although the filling was taken away');
      return after;
    },
    async setReadOnly(readOnly): Promise<Json> {
      await setReadOnly(readOnly);
      const after = await seen();
      if (after.writable === readOnly) {
        throw new EnvironmentError(
          `the disk is ${after.writable ? 'writable' : 'read-only'} although it should not be`,
        );
      }
      return after;
    },
  };
}
