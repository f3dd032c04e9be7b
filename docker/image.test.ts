import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBase, imageOnEngine } from './base-image.ts';
import { BuildProgress } from './build-progress.ts';
import { describeDocker } from './engine.fixture.ts';
import type { Engine } from './engine.ts';
import { ensureImage } from './image.ts';
import { type ImageInputs, imageInputs, inputsDigest } from './image-inputs.ts';
import { inputsLabel } from './labels.ts';
import { tarball } from './tarball.ts';

const signal = new AbortController().signal;
const note = () => undefined;

describe('the digest of what an image is built from', () => {
  const inputs: ImageInputs = {
    dockerfile: 'FROM x\n',
    defaultBase: 'x',
    files: [{ path: 'a', content: Buffer.from('bc') }],
  };

  it('changes with the base, the Dockerfile, a path or a content, and with nothing else', () => {
    const digests = [
      inputsDigest(inputs, '1'),
      inputsDigest(inputs, '2'),
      inputsDigest({ ...inputs, dockerfile: 'FROM y\n' }, '1'),
      inputsDigest({ ...inputs, files: [{ path: 'ab', content: Buffer.from('c') }] }, '1'),
      inputsDigest({ ...inputs, files: [{ path: 'a', content: Buffer.from('bd') }] }, '1'),
      inputsDigest({ ...inputs, files: [] }, '1'),
    ];
    expect(new Set(digests).size).toBe(digests.length);
    expect(inputsDigest(structuredClone({ ...inputs, files: [] }), '1')).toBe(digests.at(-1));
  });

  it('is taken over the program and its packages, types and tests left out', async () => {
    const { files, defaultBase } = await imageInputs('register');
    const paths = files.map(({ path }) => path);
    expect(paths).toContain('program/dist/cluster/server/main.js');
    expect(paths).toContain('program/node_modules/valibot/package.json');
    expect(paths.filter((path) => /\.d\.ts$|\.test\.|harness\/cli/.test(path))).toEqual([]);
    expect(defaultBase).toMatch(/^node:/);
  });
});

describe('a build’s progress', () => {
  it('is a line a step, and an image at the end', () => {
    const said: string[] = [];
    const progress = new BuildProgress((text) => said.push(text));
    progress.add({ stream: 'Step 1/2 : FROM base' });
    progress.add({ stream: '\n' });
    progress.add({ stream: ' ---> 1a2b\nStep 2/2 : USER root\n' });
    progress.add({ aux: { ID: 'sha256:1' } });
    progress.add({ stream: 'Successfully built 1\n' });
    expect(said).toEqual(['step 1 of 2 (FROM base)', 'step 2 of 2 (USER root)']);
    expect(progress.imageId('x', '')).toBe('sha256:1');
  });

  it('with an error is a failure, whatever came before', () => {
    const progress = new BuildProgress(note);
    progress.add({ aux: { ID: 'sha256:1' } });
    progress.add({ stream: 'Step 2/2 : RUN false\n', error: 'returned a non-zero code: 1' });
    expect(() => progress.imageId('x', '')).toThrow(
      'could not build the image x: step 2 of 2 (RUN false) failed: returned a non-zero code: 1',
    );
  });
});

await describeDocker('an image on a real engine', (engine) => {
  const made = new Set<string>();
  const base = 'faultline-test-base:node-user';

  async function buildFrom(dockerfile: string, tag: string): Promise<void> {
    const context = tarball([{ path: 'Dockerfile', content: Buffer.from(dockerfile) }]);
    await engine.attempt('build', async (docker) => {
      const stream = await docker.buildImage(Readable.from([context]), { t: tag });
      await new Promise((resolve) => docker.modem.followProgress(stream, resolve));
    });
  }

  async function runIn(image: string, script: string): Promise<string> {
    return engine.attempt(
      'run a script',
      async (docker) => {
        const out = new PassThrough();
        const said = text(out);
        await docker.run(image, ['sh', '-ec', script], [out, out], {
          Tty: false,
          User: '1000:1000',
          HostConfig: { AutoRemove: true, NetworkMode: 'none' },
        });
        out.end();
        return said;
      },
      60_000,
    );
  }

  beforeAll(async () => {
    // This one is left, as after any run: other tests may be using it.
    await ensureImage(engine, { software: 'register', note, signal });
    // As official images of Node have it: another user with our number.
    const usual = await usualBase(engine);
    await buildFrom(
      `FROM ${usual}\nRUN groupadd -g 1000 node && useradd -u 1000 -g node -m -s /bin/bash node\n`,
      base,
    );
  }, 900_000);

  afterAll(async () => {
    for (const image of [...made, base]) {
      await engine
        .find('remove an image', (docker) => docker.getImage(image).remove())
        .catch(() => undefined);
    }
  }, 120_000);

  it('is built once, and found the second time', async () => {
    const first = await ensureImage(engine, { software: 'register', note, signal });
    const second = await ensureImage(engine, { software: 'register', note, signal });
    expect(second).toEqual({ ...first, built: false });
    const inspected = await engine.attempt('look', (docker) => docker.getImage(first.id).inspect());
    expect(inspected.Config.Labels[inputsLabel]).toBe(first.digestOfInputs);
  }, 300_000);

  it('has a user that owns the data and the control folder, and a program that runs', async () => {
    const { id } = await ensureImage(engine, { software: 'register', note, signal });
    const said = await runIn(
      id,
      `id -un; touch /data/x /run/faultline/x; ! touch /opt/faultline/x 2>/dev/null
       node /opt/faultline/dist/cluster/server/main.js 2>&1 || true
       command -v iptables tc >/dev/null; ls /usr/lib/*/faketime/libfaketime.so.1 >/dev/null; echo complete`,
    );
    expect(said).toMatch(/^faultline\s+--id is missing\s+complete\s*$/);
  }, 300_000);

  it('copes with a base whose user of that number has another name', async () => {
    const built = await ensureImage(engine, { software: 'register', base, note, signal });
    made.add(built.name);
    expect(await runIn(built.id, 'id -un; id -gn; touch /data/x; echo written')).toMatch(
      /^faultline\s+faultline\s+written\s*$/,
    );
  }, 300_000);

  it('is one image when two build it at once', async () => {
    const programs = ['cluster/server/options.ts'];
    const both = await Promise.all(
      [1, 2].map(() => ensureImage(engine, { software: 'register', programs, note, signal })),
    );
    for (const { name } of both) made.add(name);
    expect(both[0]?.id).toBe(both[1]?.id);
    expect(await imageOnEngine(engine, both[0]?.name ?? '')).toMatchObject({ id: both[0]?.id });
  }, 300_000);

  it('of a base that has no Node is refused in one line', async () => {
    const bare = 'faultline-test-base:bare';
    made.add(bare);
    await buildFrom(`FROM ${await usualBase(engine)}\nENV PATH=/usr/sbin:/usr/bin:/sbin:/bin\n`, bare);
    await expect(ensureImage(engine, { software: 'register', base: bare, note, signal })).rejects.toThrow(
      /step 4 of \d+ .* failed: the base image has no node in its PATH$/,
    );
  }, 300_000);
});

/** What the image under test was built on. */
async function usualBase(engine: Engine): Promise<string> {
  const { defaultBase } = await imageInputs('register');
  return (await ensureBase(engine, { byDefault: defaultBase, note, signal })).name;
}
