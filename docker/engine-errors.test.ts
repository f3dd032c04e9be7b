// Every way in which an engine is no use ends in one line that says what to do, and in time.

import { chmodSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EnvironmentError } from '../harness/errors.ts';
import { examineEngine, reachEngine } from './doctor-engine.ts';
import { Engine } from './engine.ts';
import { type FakeAnswer, type FakeEngine, fakeEngine, healthy } from './fake-engine.fixture.ts';
import { ensureImage } from './image.ts';

const signal = new AbortController().signal;
let notes: string[];
const note = (text: string) => notes.push(text);
const disposables: AsyncDisposable[] = [];

async function engineThat(answer: FakeAnswer): Promise<FakeEngine> {
  const fake = await fakeEngine(answer);
  disposables.push(fake);
  vi.stubEnv('DOCKER_HOST', fake.host);
  return fake;
}

async function failureOf(act: () => Promise<unknown>): Promise<string> {
  const error = await act().then(
    () => expect.fail('it did not fail'),
    (failure: unknown) => failure,
  );
  expect(error).toBeInstanceOf(EnvironmentError);
  const { message } = error as Error;
  expect(message).not.toContain('\n');
  return message;
}

/** Root may open everything, so it has to be somebody else for a while. */
function withoutRights(socket: string): () => void {
  chmodSync(socket, 0o000);
  if (process.geteuid?.() !== 0) return () => chmodSync(socket, 0o600);
  process.seteuid?.(65_534);
  return () => process.seteuid?.(0);
}

beforeEach(() => {
  notes = [];
  vi.stubEnv('FAULTLINE_BASE_IMAGE', '');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const disposable of disposables.splice(0)) await disposable[Symbol.asyncDispose]();
});

describe('an engine that cannot be reached', () => {
  it('has no socket', async () => {
    vi.stubEnv('DOCKER_HOST', 'unix:///nowhere/docker.sock');
    expect(await failureOf(() => Engine.open())).toMatch(
      /no Docker engine at unix:\/\/\/nowhere.*apt-get install docker\.io/,
    );
  });

  it('has a port that nobody listens on', async () => {
    vi.stubEnv('DOCKER_HOST', 'tcp://127.0.0.1:1');
    expect(await failureOf(() => Engine.open())).toContain('does not answer: is it running?');
  });

  it('has a socket that is not for us', async () => {
    const fake = await engineThat(healthy);
    await Engine.open();
    const restore = withoutRights(fake.host.replace('unix://', ''));
    try {
      expect(await failureOf(() => Engine.open())).toMatch(/no permission on .*usermod -aG docker/);
    } finally {
      restore();
    }
  });

  it('says nothing: given up at the limit', async () => {
    await engineThat(() => undefined);
    expect(await failureOf(() => Engine.open(200))).toMatch(/did not finish in 0\.2 s/);
  });

  it('has only failures', async () => {
    await engineThat(() => ({ status: 500, body: { message: 'disk\nof the engine is broken' } }));
    expect(await failureOf(() => Engine.open())).toContain('disk of the engine is broken');
  });
});

describe('an image that cannot be had', () => {
  const ensure = async (base?: string) => {
    const engine = await Engine.open();
    return ensureImage(engine, {
      software: 'register',
      note,
      signal,
      ...(base === undefined ? {} : { base }),
    });
  };

  it('for want of a base: the command that makes one', async () => {
    await engineThat((request, query) =>
      request === 'POST /images/create'
        ? { status: 500, body: { message: 'dial tcp: lookup registry: no such host' } }
        : healthy(request, query),
    );
    const message = await failureOf(() => ensure());
    expect(message).toMatch(/no base image \S+ and it cannot be pulled \(.*no such host\)/);
    expect(message).toMatch(/bash docker\/base-from-debian\.sh/);
  });

  it('for want of a base: when the pull fails on its way', async () => {
    await engineThat((request, query) =>
      request === 'POST /images/create'
        ? { status: 200, body: '{"status":"Pulling"}\n{"error":"unexpected EOF"}\n' }
        : healthy(request, query),
    );
    const message = await failureOf(() => ensure('somewhere/base'));
    expect(message).toMatch(/no base image somewhere\/base.*unexpected EOF/);
    expect(message).toContain('then FAULTLINE_BASE_IMAGE=faultline-base:debian');
  });

  const onBase =
    (build: ReturnType<FakeAnswer>): FakeAnswer =>
    (request, query) => {
      if (request === 'GET /images/faultline-base:debian/json')
        return { status: 200, body: { Id: 'sha256:1' } };
      return request === 'POST /build' ? build : healthy(request, query);
    };

  it('takes the base made from Debian where the usual one is not, says so, and pulls nothing', async () => {
    const fake = await engineThat(onBase({ status: 500, body: { message: 'no' } }));
    await failureOf(() => ensure());
    expect(notes[0]).toMatch(/base image faultline-base:debian instead of /);
    expect(fake.requests).not.toContain('POST /images/create');
  });

  it('because a step fails: the step and its last words', async () => {
    const events = [
      { stream: 'Step 1/3 : FROM base\n' },
      { stream: ' ---> 123\n' },
      {
        stream:
          'Step 2/3 : RUN set -eu;   apt-get install this-and-that and-whatever-else-there-is-to-have\n',
      },
      { stream: 'Err:1 somewhere\n' },
      { stream: 'E: Unable to locate package\tthis-and-that\n' },
      { stream: 'Removing intermediate container 123\n' },
      { error: "The command '/bin/sh -c set -eu' returned a non-zero code: 100" },
    ];
    await engineThat(
      onBase({ status: 200, body: events.map((event) => `${JSON.stringify(event)}\r\n`).join('') }),
    );
    const message = await failureOf(() => ensure());
    expect(message).toMatch(
      /could not build the image faultline\/register:[0-9a-f]{12}: step 2 of 3 \(RUN set -eu; apt-get/,
    );
    expect(message).toContain('failed: E: Unable to locate package this-and-that');
    expect(message).toContain('base-from-debian.sh');
    expect(notes.filter((text) => text.includes('step '))).toHaveLength(2);
  });

  it('because the engine ends the build without a word', async () => {
    await engineThat(onBase({ status: 200, body: '' }));
    expect(await failureOf(() => ensure())).toContain('without a word');
  });

  it('because it is interrupted while the engine is silent', async () => {
    const controller = new AbortController();
    const fake = await engineThat(onBase(undefined));
    const engine = await Engine.open();
    const failing = failureOf(() =>
      ensureImage(engine, { software: 'register', note, signal: controller.signal }),
    );
    await expect.poll(() => fake.requests, { timeout: 20_000 }).toContain('POST /build');
    controller.abort(new Error('interrupted'));
    expect(await failing).toContain('was not built: interrupted');
  });
});

describe('the doctor', () => {
  it('tells what is missing and what to do, and touches nothing', async () => {
    vi.stubEnv('DOCKER_HOST', 'unix:///nowhere/docker.sock');
    const { findings, unusable } = await examineEngine(await reachEngine(), { signal, note });
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      name: 'engine',
      state: 'missing',
      seen: 'no Docker engine at unix:///nowhere/docker.sock',
    });
    expect(findings[0]?.fix).toMatch(/^start one/);
    expect(unusable).toContain('no Docker engine');
  });

  it('goes on as far as it gets', async () => {
    await engineThat(healthy);
    const { findings } = await examineEngine(await reachEngine(), { signal, note });
    expect(findings.map(({ name, state }) => [name, state])).toEqual([
      ['engine', 'ok'],
      ['rights', 'ok'],
      ['control groups', 'ok'],
      ['image', 'missing'],
    ]);
    expect(findings.at(-1)?.fix).toContain('base-from-debian.sh');
  });
});
