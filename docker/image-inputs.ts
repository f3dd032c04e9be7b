// What an image is built from, besides its base: a Dockerfile and the files that it copies. The digest of all of it
// names the image, so that an image is made once and never used after something has changed.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { programPath } from '../harness/program-path.ts';
import { programClosure } from './program-closure.ts';
import { type PackedFile, tarball } from './tarball.ts';

/** What can be installed on the machines of a run. */
export type Software = 'register' | 'etcd' | 'redis';

export const softwares: readonly Software[] = ['register', 'etcd', 'redis'];

/** What runs in the containers of our own system, as sources. */
export const nodePrograms: readonly string[] = ['cluster/server/main.ts', 'docker/helper/main.ts'];

const dockerfiles: Readonly<Record<Software, string>> = {
  register: 'Dockerfile',
  etcd: 'etcd.Dockerfile',
  redis: 'redis.Dockerfile',
};

export interface ImageInputs {
  readonly dockerfile: string;
  /** What the Dockerfile builds on unless it is told otherwise. */
  readonly defaultBase: string;
  /** By path in the build's context, sorted. */
  readonly files: readonly PackedFile[];
}

/** `programs` are sources as for `programPath`; only the register's image has any. */
export async function imageInputs(
  software: Software,
  programs: readonly string[] = nodePrograms,
): Promise<ImageInputs> {
  const dockerfile = await readFile(besideDist(`docker/${dockerfiles[software]}`), 'utf8');
  const defaultBase = /^ARG BASE=(\S+)$/m.exec(dockerfile)?.[1];
  if (defaultBase === undefined) throw new Error(`${dockerfiles[software]} has no line "ARG BASE=…"`);
  const files = software === 'register' ? await programFiles(programs) : [];
  return { dockerfile, defaultBase, files };
}

/** Hexadecimal. `baseId` is the base image's own digest, since a name may come to mean another image. */
export function inputsDigest(inputs: ImageInputs, baseId: string): string {
  const hash = createHash('sha256');
  const add = (part: string | Buffer) => hash.update(`${Buffer.byteLength(part)}:`).update(part);
  add(baseId);
  add(inputs.dockerfile);
  for (const { path, content } of inputs.files) {
    add(path);
    add(content);
  }
  return hash.digest('hex');
}

/** The build's context, packed. */
export function contextOf(inputs: ImageInputs): Buffer {
  return tarball([{ path: 'Dockerfile', content: Buffer.from(inputs.dockerfile) }, ...inputs.files]);
}

/** A file that lies beside `dist/`, in the repository as in the installed package. */
export function besideDist(path: string): string {
  return programPath(`../${path}`);
}

async function programFiles(programs: readonly string[]): Promise<ImageInputs['files']> {
  const closure = programClosure(programs.map(programPath), programPath('.'));
  const files = closure.map(async ({ to, from }) => ({
    path: `program/${to}`,
    content: await readFile(from),
  }));
  const manifest = { path: 'program/package.json', content: Buffer.from('{"type":"module"}\n') };
  return [manifest, ...(await Promise.all(files))];
}
