// The images that machines run on: built when what goes into one has changed, and otherwise found by its name.

import { Readable } from 'node:stream';
import { EnvironmentError } from '../harness/errors.ts';
import { type BaseImage, ensureBase, imageOnEngine, makeBase } from './base-image.ts';
import { type BuildEvent, BuildProgress } from './build-progress.ts';
import { type Engine, statusOf } from './engine.ts';
import { contextOf, type ImageInputs, imageInputs, inputsDigest, type Software } from './image-inputs.ts';
import { inputsLabel } from './labels.ts';

/** With packages to fetch on a slow line. */
const buildLimitMs = 15 * 60_000;

export interface Image {
  /** E.g. `faultline/register:0a1b2c3d4e5f`. */
  readonly name: string;
  /** What to start containers from: it cannot come to mean another image. */
  readonly id: string;
  readonly digestOfInputs: string;
  /** False: it was there. */
  readonly built: boolean;
}

export interface ImageWishes {
  readonly software: Software;
  /** What to build on; absent: FAULTLINE_BASE_IMAGE, or the Dockerfile's own. */
  readonly base?: string;
  /** Sources as for `programPath`; absent: what our own system's machines run. */
  readonly programs?: readonly string[];
  /** A line for each step, for people. */
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Throws EnvironmentError: one line that names the step that failed, its last words and what to do. */
export async function ensureImage(engine: Engine, wishes: ImageWishes): Promise<Image> {
  const { software, note, signal } = wishes;
  const inputs = await imageInputs(software, wishes.programs);
  const base = await ensureBase(engine, { asked: wishes.base, byDefault: inputs.defaultBase, note, signal });
  const digestOfInputs = inputsDigest(inputs, base.id);
  const name = `faultline/${software}:${digestOfInputs.slice(0, 12)}`;
  const present = await imageOnEngine(engine, name);
  if (present !== undefined) return { name, id: present.id, digestOfInputs, built: false };
  note(`building the image ${name} on ${base.name}`);
  const id = await build(engine, { name, inputs, base, digestOfInputs, note, signal });
  return { name, id: await nameOnce(engine, name, id), digestOfInputs, built: true };
}

interface BuildWishes {
  readonly name: string;
  readonly inputs: ImageInputs;
  readonly base: BaseImage;
  readonly digestOfInputs: string;
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}

/** The id of an image without a name. Every file is sent to the engine, which may be far away. */
async function build(engine: Engine, wishes: BuildWishes): Promise<string> {
  const { name, inputs, base, digestOfInputs, note, signal } = wishes;
  const ended = new AbortController();
  const progress = new BuildProgress((step) => note(`image ${name}: ${step}`));
  try {
    await engine.attempt(
      `build the image ${name}`,
      async (docker) => {
        const stream = await docker.buildImage(Readable.from([contextOf(inputs)]), {
          buildargs: { BASE: base.name },
          labels: { [inputsLabel]: digestOfInputs },
          // Packages are fetched by the way that the engine's own machine has.
          networkmode: 'host',
          rm: true,
          forcerm: true,
          abortSignal: AbortSignal.any([signal, ended.signal]),
        });
        await new Promise<void>((resolve, reject) => {
          docker.modem.followProgress(
            stream,
            (error: Error | null) => (error ? reject(error) : resolve()),
            (event: BuildEvent) => progress.add(event),
          );
        });
      },
      buildLimitMs,
    );
    if (signal.aborted) throw interrupted(name, signal);
    return progress.imageId(name, makeBase());
  } catch (error) {
    if (signal.aborted) throw interrupted(name, signal);
    throw error;
  } finally {
    ended.abort();
  }
}

function interrupted(name: string, signal: AbortSignal): EnvironmentError {
  return new EnvironmentError(`the image ${name} was not built: interrupted`, { cause: signal.reason });
}

/** Of several runs that build the same at once the first one to end gives its image the name, and all use that one. */
async function nameOnce(engine: Engine, name: string, id: string): Promise<string> {
  const first = await imageOnEngine(engine, name);
  if (first === undefined) {
    const [repo = '', tag = ''] = name.split(':');
    await engine.attempt(`name the image ${name}`, (docker) => docker.getImage(id).tag({ repo, tag }));
    return id;
  }
  if (first.id !== id) await removeImage(engine, id);
  return first.id;
}

/**
 * Removes every image that was built here, and gives the names of those that are gone. One that a container still uses
 * stays: `left` has it with the engine's reason.
 */
export async function removeImages(
  engine: Engine,
): Promise<{ readonly removed: readonly string[]; readonly left: readonly { what: string; why: string }[] }> {
  const ours = await engine.attempt('list the images', (docker) =>
    docker.listImages({ filters: JSON.stringify({ label: [inputsLabel] }) }),
  );
  const removed: string[] = [];
  const left: { what: string; why: string }[] = [];
  for (const image of ours) {
    const tags = (image.RepoTags ?? []).filter((tag) => tag !== '<none>:<none>');
    const what = tags[0] ?? image.Id;
    const why = await removeImage(engine, ...(tags.length === 0 ? [image.Id] : tags));
    if (why === undefined) removed.push(what);
    else left.push({ what, why });
  }
  return { removed, left };
}

/** Why it could not be removed. By name it loses that name, and is gone with its last one. */
async function removeImage(engine: Engine, ...names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    try {
      await engine.attempt(`remove the image ${name}`, (docker) => docker.getImage(name).remove());
    } catch (error) {
      if (statusOf(error) !== 404) return (error as Error).message;
    }
  }
  return undefined;
}
