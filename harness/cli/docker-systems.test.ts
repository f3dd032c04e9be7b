// Systems that nobody here wrote, in containers, with the verdicts that are known of them: both ways, since a harness that
// only ever passes proves nothing.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeDocker } from '../../docker/engine.fixture.ts';
import { ensureImage } from '../../docker/image.ts';
import { type Workplace, workplace } from './compiled-tool.fixture.ts';
import { exitCodes } from './exit-codes.ts';

interface Expected {
  readonly system: string;
  readonly nodes: string;
  readonly nemesis: string;
  readonly code: number;
  readonly sentence: RegExp;
}

/** The README's table of what was found says the same. */
const expected: readonly Expected[] = [
  {
    system: 'etcd',
    nodes: '3',
    nemesis: 'partition,kill,pause',
    code: exitCodes.valid,
    sentence: /^VALID: linearizable/,
  },
  {
    system: 'etcd-serializable',
    nodes: '3',
    nemesis: 'partition',
    code: exitCodes.violation,
    sentence: /^INVALID: .*stale read/,
  },
  {
    system: 'redis-sentinel',
    nodes: '3',
    nemesis: 'partition',
    code: exitCodes.violation,
    sentence: /^INVALID: .*lost write/,
  },
  {
    system: 'redis-sentinel',
    nodes: '3',
    nemesis: 'kill',
    code: exitCodes.violation,
    sentence: /^INVALID: .*lost write/,
  },
  { system: 'redis', nodes: '1', nemesis: 'kill', code: exitCodes.valid, sentence: /^VALID: linearizable/ },
];

await describeDocker('systems that nobody here wrote, in Docker', (engine) => {
  let place: Workplace;

  beforeAll(async () => {
    place = await workplace();
    for (const software of ['register', 'etcd', 'redis'] as const) {
      await ensureImage(engine, { software, note: () => {}, signal: new AbortController().signal });
    }
  }, 600_000);
  afterAll(() => place[Symbol.asyncDispose]());

  const run = ({ system, nodes, nemesis }: Expected) =>
    place.start(
      'test',
      'register',
      '--env',
      'docker',
      '--system',
      system,
      '--nodes',
      nodes,
      '--nemesis',
      nemesis,
      '--time-limit',
      '40s',
    );

  it.each(expected)('$system under $nemesis exits $code', { timeout: 300_000 }, async (row) => {
    // That a correct system passes must hold each time; a fault that shows the other's weakness may miss the moment.
    const attempts = row.code === exitCodes.violation ? 3 : 1;
    let ended = await run(row);
    for (let attempt = 1; attempt < attempts && !row.sentence.test(ended.stdout); attempt++)
      ended = await run(row);
    const { exitCode, stdout, stderr } = ended;
    expect({ exitCode, stdout, stderr: exitCode === row.code ? '' : stderr }).toMatchObject({
      exitCode: row.code,
    });
    expect(stdout).toMatch(row.sentence);
  });
});
