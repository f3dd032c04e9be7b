// Which image ours are built on: the one asked for, or the Dockerfile's own, or, where no registry can be reached, the
// one that docker/base-from-debian.sh makes.

import { relative } from 'node:path';
import { EnvironmentError } from '../harness/errors.ts';
import { type Engine, statusOf } from './engine.ts';
import { besideDist } from './image-inputs.ts';

export const baseVariable = 'FAULTLINE_BASE_IMAGE';
export const homemadeBase = 'faultline-base:debian';

/** A pull of an image of Node on a slow line. */
const pullLimitMs = 10 * 60_000;

export interface BaseImage {
  readonly name: string;
  readonly id: string;
}

/**
 * Pulls what is not on the engine. `asked` wins over the environment variable FAULTLINE_BASE_IMAGE, that over
 * `byDefault`. Throws EnvironmentError with the command that makes a base.
 */
export async function ensureBase(
  engine: Engine,
  { asked = process.env[baseVariable], byDefault, note, signal }: BaseWishes,
): Promise<BaseImage> {
  const wish = asked === undefined || asked === '' ? undefined : asked;
  const name = wish ?? byDefault;
  const present = await imageOnEngine(engine, name);
  if (present !== undefined) return present;
  // Who has made one has no registry, and is not made to wait at each start until that is seen again.
  const homemade = wish === undefined ? await imageOnEngine(engine, homemadeBase) : undefined;
  if (homemade !== undefined) {
    note(`base image ${homemadeBase} instead of ${name}, which is not on this engine`);
    return homemade;
  }
  note(`pulling the base image ${name}`);
  const reason = await pull(engine, name, signal);
  const pulled = reason === undefined ? await imageOnEngine(engine, name) : undefined;
  if (pulled !== undefined) return pulled;
  signal.throwIfAborted();
  throw new EnvironmentError(
    `there is no base image ${name} and it cannot be pulled (${reason}); ${makeBase(wish)}`,
  );
}

interface BaseWishes {
  readonly asked?: string | undefined;
  readonly byDefault: string;
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}

/** What to type where no registry can be reached. */
export function makeBase(wish?: string): string {
  const script = relative(process.cwd(), besideDist('docker/base-from-debian.sh'));
  const path = script.startsWith('../../') ? besideDist('docker/base-from-debian.sh') : script;
  const use = wish === undefined || wish === homemadeBase ? '' : `, then ${baseVariable}=${homemadeBase}`;
  return `without a registry, make one from Debian's packages: bash ${path}${use}`;
}

export async function imageOnEngine(engine: Engine, name: string): Promise<BaseImage | undefined> {
  const found = await engine.find(`look for the image ${name}`, (docker) => docker.getImage(name).inspect());
  return found && { name, id: found.Id };
}

/** Why it was not to be had; undefined: it is there. */
async function pull(engine: Engine, name: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    await engine.attempt(
      `pull the image ${name}`,
      async (docker) => {
        const stream = await docker.pull(tagged(name), { abortSignal: signal });
        await new Promise<void>((resolve, reject) => {
          docker.modem.followProgress(
            stream,
            (error: Error | null, events: readonly { error?: string }[]) => {
              const failed = error?.message ?? events.find((event) => event.error !== undefined)?.error;
              if (failed === undefined) resolve();
              else reject(new Error(failed));
            },
          );
        });
      },
      pullLimitMs,
    );
    return undefined;
  } catch (error) {
    if (statusOf(error) === 404) return 'the registry has no such image';
    return (error as Error).message.replace(/^could not pull the image \S+: /, '');
  }
}

/** Without a tag the engine would pull all of them. */
function tagged(name: string): string {
  return /[:@][^/]*$/.test(name) ? name : `${name}:latest`;
}
