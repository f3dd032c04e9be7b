// A run in which everything that can come from outside tries to break out of where it is shown.

import { History, type NewOp } from '../../checkers/history.ts';
import type { TestRun } from '../../harness/test-run.ts';
import { ms, runOf, staleCounterexample } from './synthetic-run.ts';

/** Each would show by an element, a dialog or a request of its own if it became markup. */
export const hostileTexts = [
  '</script><script>document.title="pwned"</script>',
  '</style><style>body{display:none}</style>',
  '<!--',
  '"><img class=pwned src=http://127.0.0.1:9/x onerror=alert(1)>',
  "' onmouseover='alert(1)' x='",
  '</title></svg></table><b class=pwned>bold</b>',
  '&lt;b class=pwned&gt;',
  'a lone \ud800 surrogate \udc00',
  '\u0000\u0007\u001b[2J\u009b and \u202eright to left override\u2066',
  'שלום עולם 123',
  ']]> `code` | bar | **bold** <details open>',
  'javascript:alert(1)',
] as const;

export const longText = `long ${'x'.repeat(100_000)}`;

export function hostileRun(): TestRun {
  const all = hostileTexts.join(' ');
  const bands = [
    { name: hostileTexts[3], from: [hostileTexts[0]], to: [hostileTexts[5]], colour: '#fff" onload="alert(1)' },
  ];
  const ops: NewOp[] = [
    { type: 'invoke', process: 'nemesis', f: hostileTexts[0], time: 0, value: all },
    {
      type: 'info',
      process: 'nemesis',
      f: hostileTexts[0],
      time: ms,
      value: { status: 'applied', reason: all, evidence: { [hostileTexts[5]]: all, x: { [hostileTexts[2]]: [all] } } },
    },
    ...stale('k17', 2 * ms, hostileTexts[4]),
  ];
  hostileTexts.concat().forEach((text, i) => {
    const time = (30 + 10 * i) * ms;
    const call = { process: 100 + i, key: text, f: text, node: text };
    ops.push({ ...call, type: 'invoke', time, value: { [text]: text } });
    ops.push({ ...call, type: 'info', time: time + ms, error: { code: text, message: text } });
  });
  const write = { process: 200, key: longText, f: 'write', value: longText };
  ops.push({ ...write, type: 'invoke', time: 900 * ms }, { ...write, type: 'ok', time: 901 * ms });
  const history = History.of(ops);
  const counterexample = {
    ...staleCounterexample(history),
    sentence: `sentence ${all}`,
    observed: [...hostileTexts, longText],
    because: [...hostileTexts],
    deadEnds: hostileTexts.map((text) => ({
      order: [],
      stateBefore: text,
      remaining: [{ id: 0, why: text }],
      remainingNotListed: 1,
    })),
  };
  return runOf(history, {
    conclusion: 'violation',
    sentence: `INVALID: ${all}`,
    plan: {
      name: all,
      workload: all,
      model: all,
      environment: all,
      system: { name: all, [hostileTexts[5]]: all, long: longText },
      nodes: [...hostileTexts],
      command: `faultline test ${all}`,
      mutant: all,
      faults: bands,
    },
    result: {
      validity: 'invalid',
      summary: all,
      details: { [hostileTexts[0]]: all },
      counterexamples: [counterexample, ...Array.from({ length: 5 }, () => counterexample)],
      parts: { [all]: { validity: 'invalid', summary: all, details: { [hostileTexts[0]]: all, longText } } },
    },
    problems: [{ stage: all, message: `${all}\n${longText}`, node: hostileTexts[3] }],
    stages: [{ stage: all, ms: 1 }],
    startedAt: all,
    versions: { [hostileTexts[5]]: all },
  });
}

function stale(key: string, at: number, node: string): NewOp[] {
  const op = (offset: number, type: NewOp['type'], process: number, call: object): NewOp =>
    ({ key, node, ...call, type, process, time: at + offset * ms }) as NewOp;
  return [
    op(0, 'invoke', 0, { f: 'write', value: hostileTexts[0] }),
    op(3, 'ok', 0, { f: 'write', value: hostileTexts[0] }),
    op(5, 'invoke', 1, { f: 'write', value: hostileTexts[9] }),
    op(9, 'ok', 1, { f: 'write', value: hostileTexts[9] }),
    op(12, 'invoke', 2, { f: 'read' }),
    op(13, 'ok', 2, { f: 'read', value: hostileTexts[0] }),
  ];
}
