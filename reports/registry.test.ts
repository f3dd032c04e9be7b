import { describe, expect, it } from 'vitest';
import { budget } from '../checkers/checker.ts';
import { History } from '../checkers/history.ts';
import { parseHistory } from '../checkers/history-file.ts';
import { linearizable } from '../checkers/linearizable/linearizable.ts';
import { casRegister } from '../checkers/models/cas-register.ts';
import { renderAll, reportNamed, reports } from './registry.ts';
import { hostileRun, longText } from './testdata/hostile-run.ts';
import { runOf, staleRun, validRun } from './testdata/synthetic-run.ts';
import { verdictText } from './words.ts';

function file(run: Parameters<typeof renderAll>[0], path: string): string {
  const { files, notes } = renderAll(run);
  expect(notes).toEqual([]);
  const found = files.find((candidate) => candidate.path === path);
  if (found === undefined) throw new Error(`no ${path} among ${files.map((one) => one.path).join(', ')}`);
  return found.content;
}

describe('all reports', () => {
  it('a renderer that throws becomes a note, and the others render', () => {
    const broken = {
      name: 'broken',
      render() {
        throw new Error('no disk\nno hope');
      },
    };
    const { files, notes } = renderAll(validRun({ operations: 60 }), [broken, ...reports]);
    expect(notes).toEqual(['the broken report could not be made: Error: no disk no hope']);
    expect(files.map(({ path }) => path).sort()).toEqual([
      'junit.xml',
      'report.html',
      'results.json',
      'summary.md',
    ]);
  });

  it.each(['valid', 'violation', 'unknown', 'harness-failure', 'interrupted'] as const)(
    'a run that ends as %s without a single op has all its reports, each with the sentence',
    (conclusion) => {
      const { files, notes } = renderAll(runOf(History.of([]), { conclusion }));
      expect(notes).toEqual([]);
      expect(files).toHaveLength(4);
      for (const { content } of files) expect(content).toContain(`the sentence for ${conclusion}`);
    },
  );

  it('are found by name', () => {
    expect(reportNamed('junit')?.name).toBe('junit');
    expect(reportNamed('pdf')).toBeUndefined();
  });
});

describe('results.json', () => {
  it('has verdict, sentence, plan, the tree of results and each counterexample once', () => {
    const run = staleRun({ operations: 60 });
    const results = JSON.parse(file(run, 'results.json'));
    expect(results).toMatchObject({
      format: 1,
      verdict: 'violation',
      sentence: run.verdict.sentence,
      plan: { seed: 7, mutant: 'stale-read' },
      result: { validity: 'invalid', parts: { linearizable: { parts: { k17: { validity: 'invalid' } } } } },
    });
    expect(results.result.counterexamples).toBeUndefined();
    expect(results.result.parts.linearizable.counterexamples).toBeUndefined();
    const [found] = results.result.parts.linearizable.parts.k17.counterexamples;
    expect(found.operations).toHaveLength(3);
    expect(found.operations[0].completedAt).toBeGreaterThan(found.operations[0].invokedAt);
  });

  it('leaves out where an unknown operation completed, and keeps long values whole', () => {
    const run = staleRun({ operations: 60 });
    const found = run.result.counterexamples?.[0];
    if (found === undefined) throw new Error('the run has no counterexample');
    const open = found.operations.map((operation) => ({ ...operation, completedAt: Infinity }));
    const result = {
      validity: 'invalid',
      summary: 's',
      counterexamples: [{ ...found, operations: open }],
    } as const;
    const results = JSON.parse(file({ ...run, result }, 'results.json'));
    expect(results.result.counterexamples[0].operations[0]).not.toHaveProperty('completedAt');
    expect(file(hostileRun(), 'results.json')).toContain(longText);
  });
});

describe('junit.xml', () => {
  it('a violation is a failure of the verdict, of its check and of its key, with the words', () => {
    const xml = file(staleRun({ operations: 60 }), 'junit.xml');
    expect(xml).toContain('tests="6" failures="3" errors="0"');
    expect(xml).toMatch(
      /<testcase classname="checks.linearizable" name="k17"><failure message="stale read: /,
    );
    expect(xml).toContain('- Write 2 must come before the read');
    expect(xml).toContain('<testcase classname="faults" name="faults applied"/>');
    expect(xml).toContain('<testcase classname="faults" name="healed"/>');
    expect(xml).toContain('<property name="seed" value="7"/>');
    expect(xml).toContain('<property name="command" value="faultline test register --nodes 5');
  });

  it('keys that a check lists with its details have their cases too', () => {
    const run = validRun({ operations: 60 });
    const details = {
      perKey: [
        { key: 'k1', validity: 'unknown' },
        { key: 'k2', validity: 'valid' },
      ],
    };
    const check = { validity: 'unknown', summary: 'out of time', details } as const;
    const xml = file(
      { ...run, result: { validity: 'unknown', summary: 's', parts: { linearizable: check } } },
      'junit.xml',
    );
    expect(xml).toContain(
      '<testcase classname="checks.linearizable" name="k1"><error message="k1 is unknown">',
    );
    expect(xml).not.toContain('name="k2"');
  });

  it('unknown, interrupted and harness failures are errors, never passes', () => {
    for (const conclusion of ['unknown', 'interrupted', 'harness-failure'] as const) {
      const xml = file(runOf(History.of([]), { conclusion }), 'junit.xml');
      expect(xml).toMatch(/name="verdict"><error message="the sentence for/);
    }
  });

  it('a fault that never took effect and one that was not healed are errors', () => {
    const fault = (f: string, status: string, time: number) => [
      { type: 'invoke' as const, process: 'nemesis' as const, f, time },
      { type: 'info' as const, process: 'nemesis' as const, f, time, value: { status, evidence: {} } },
    ];
    const history = History.of([
      ...fault('kill', 'skipped', 1),
      ...fault('start-partition', 'applied', 2),
      ...fault('stop-partition', 'failed', 3),
    ]);
    const xml = file(runOf(history), 'junit.xml');
    expect(xml).toContain(
      'kill never took effect (1 skipped, 0 failed); pause never took effect (0 skipped, 0 failed)',
    );
    expect(xml).toContain('partition was not healed 1 time');
  });

  it('has no character that XML 1.0 forbids, and no markup of the values', () => {
    const xml = file(hostileRun(), 'junit.xml');
    // oxlint-disable-next-line no-control-regex
    expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u);
    expect(
      xml.replace(
        /<\/?(?:testsuites?|properties|property|testcase|failure|error)\b[^<>]*>|<\?xml[^<>]*>/g,
        '',
      ),
    ).not.toMatch(/[<>]/);
    expect(xml).not.toContain(']]>');
  });
});

describe('summary.md', () => {
  it('has the sentence, the words, the operations, the faults and the command', () => {
    const run = staleRun({ operations: 60 });
    const markdown = file(run, 'summary.md');
    expect(markdown.startsWith('## ❌ Not linearizable: stale read on key k17')).toBe(true);
    expect(markdown).toContain('**Mutant `stale-read`**');
    expect(markdown).toContain('### Stale read on key k17');
    expect(markdown).toContain('2. Write 2 must come before the read');
    expect(markdown).toContain('| partition | 1 | 0 | 0 | 1 | 0 |');
    expect(markdown).toContain(`Repeat: \`${run.plan.command}\``);
    expect(markdown).toMatch(/\| \d+ ❌ \| 12 on n2 \| `read` \| `1` \|/);
  });

  it('stays below 200 kB and without markup, whatever was recorded', () => {
    const markdown = file(hostileRun(), 'summary.md');
    expect(Buffer.byteLength(markdown)).toBeLessThan(200_000);
    expect(markdown.replace(/(`+)(?!`).*?(?<!`)\1(?!`)/g, '')).not.toMatch(/<[a-z/!]/i);
  });
});

describe('counterexample.jsonl', () => {
  it('is a history of its own that keeps the original indices', () => {
    const run = staleRun({ operations: 60 });
    const { history } = parseHistory(file(run, 'counterexample.jsonl'), 'counterexample.jsonl');
    const found = run.result.counterexamples?.[0];
    expect(history.operations().map(({ call, result }) => [call.f, result?.value ?? call.value])).toEqual([
      ['write', 1],
      ['write', 2],
      ['read', 1],
    ]);
    expect([...history].filter((op) => op.type === 'invoke').map((op) => op.ext?.['original'])).toEqual(
      found?.operations.map(({ id }) => id),
    );
  });

  it('is judged as invalid by itself', async () => {
    const { history } = parseHistory(file(staleRun({ operations: 60 }), 'counterexample.jsonl'), 'c');
    const { validity } = await linearizable({ model: casRegister() }).check(history, budget({}));
    expect(validity).toBe('invalid');
  });

  it('keeps operations without an end open, and those that ended unknown unknown', () => {
    const run = staleRun({ operations: 60 });
    const whole = History.of([
      { type: 'invoke', process: 0, f: 'write', key: 'x', value: 1, time: 0 },
      { type: 'invoke', process: 1, f: 'write', key: 'x', value: 2, time: 1 },
      { type: 'invoke', process: 2, f: 'read', key: 'x', time: 2 },
      { type: 'info', process: 1, f: 'write', key: 'x', value: 2, time: 3, error: { code: 'timeout' } },
      { type: 'ok', process: 2, f: 'read', key: 'x', value: 3, time: 4 },
    ]);
    const found = run.result.counterexamples?.[0];
    if (found === undefined) throw new Error('the run has no counterexample');
    const result = {
      validity: 'invalid' as const,
      summary: 's',
      counterexamples: [{ ...found, operations: whole.operations() }],
    };
    const { history } = parseHistory(file({ ...run, history: whole, result }, 'counterexample.jsonl'), 'c');
    expect([...history]).toEqual([...whole].map((op) => ({ ...op, ext: { original: op.index } })));
  });

  it('is there only where there is a counterexample', () => {
    expect(renderAll(validRun({ operations: 60 })).files.map(({ path }) => path)).not.toContain(
      'counterexample.jsonl',
    );
  });
});

describe('the text for a terminal', () => {
  it('begins with the sentence and ends with what to type next', () => {
    const run = staleRun({ operations: 60 });
    expect(verdictText(run, 'faultline-runs/register/1').split('\n')).toEqual([
      run.verdict.sentence,
      '',
      'Stale read: process 12 on n2 read 1 although 2 had been written and acknowledged before the read began.',
      'Observed:',
      '  - Process 10 on n1 wrote 1, acknowledged.',
      '  - Process 11 on n3 wrote 2, acknowledged after that.',
      '  - Then process 12 on n2 read and got 1.',
      'Why no order explains it:',
      '  - Write 1 must come before write 2: it was acknowledged before write 2 began.',
      '  - Write 2 must come before the read: it was acknowledged before the read began.',
      '  - So the read can only see 2, but it returned 1.',
      'How far an order gets:',
      '  - A longest legal order is operations 26, 28; then the state is 2.',
      '  - Operation 30 (read) cannot come next, because it read 1 where the value was 2.',
      'Faults active then: partition (4.0 s to 7.2 s).',
      'Shrunk from 58 operations on this key to 3, by steps that never make a good history bad.',
      '',
      expect.stringMatching(
        /^Operations: 63 \([\d.]+ % ok\): \d+ ok, \d+ failed, \d+ unknown; 6 keys, median \d+ operations\.$/,
      ),
      'Faults: partition took effect 1 time, kill took effect 1 time (1 skipped), pause took effect 1 time.',
      '',
      `Repeat:  ${run.plan.command}`,
      'Again:   faultline check faultline-runs/register/1',
      'Report:  faultline-runs/register/1/report.html',
    ]);
  });

  it('a history that breaks every part leaves the sentence', () => {
    const run = staleRun({ operations: 60 });
    const history = new Proxy(run.history, {
      get() {
        throw new Error('the history is gone');
      },
    });
    expect(verdictText({ ...run, history }).split('\n')[0]).toBe(run.verdict.sentence);
  });

  it('has no control characters and no direction marks of anybody else', () => {
    expect(verdictText(hostileRun())).not.toMatch(
      // oxlint-disable-next-line no-control-regex
      /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/,
    );
  });
});
