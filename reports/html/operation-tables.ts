// Operations by function and outcome, errors by code, and keys, worst first.

import type { CheckResult, Validity } from '../../checkers/checker.ts';
import { keyVerdicts } from '../key-verdicts.ts';
import { keyText } from '../operation-text.ts';
import { quantiles } from '../performance.ts';
import { shareText } from '../run-facts.ts';
import { countText, safeLine, shortened } from '../safe-text.ts';
import { durationText, momentText } from '../time-text.ts';
import { code, type Html, html, prose } from './escape.ts';
import { badge, validityLooks } from './marks.ts';
import type { RunView } from './run-view.ts';
import { table } from './table.ts';

const shownKeys = 60;

export function operationTables(view: RunView): Html {
  const { facts } = view;
  if (facts.operations === 0) return html`<p>No operation was recorded.</p>`;
  return html`${functionTable(view)}
${facts.errors.length === 0 ? undefined : errorTable(view)}`;
}

function functionTable({ facts, run: { history } }: RunView): Html {
  const latencies = new Map<string, number[]>();
  for (const index of facts.invocations) {
    const completion = history.partner(index);
    if (completion === -1 || history.type(completion) !== 'ok') continue;
    const f = history.f(index);
    const list = latencies.get(f) ?? [];
    latencies.set(f, list);
    list.push(history.time(completion) - history.time(index));
  }
  return table(
    'Operations by function',
    [
      { title: 'Function' },
      { title: 'ok', numeric: true },
      { title: 'failed', numeric: true },
      { title: 'unknown', numeric: true },
      { title: 'all', numeric: true },
      { title: 'ok share', numeric: true },
      { title: 'median of ok', numeric: true },
      { title: '99 % of ok', numeric: true },
    ],
    [...facts.byFunction].map(([f, { ok, fail, info }]) => {
      const latency = quantiles(latencies.get(f) ?? []);
      return [
        code(shortened(f, 80)),
        ok === 0 ? html`<strong class="bad-text">none</strong>` : countText(ok),
        countText(fail),
        countText(info),
        countText(ok + fail + info),
        shareText(ok, ok + fail + info),
        latency === undefined ? '–' : durationText(latency.p50),
        latency === undefined ? '–' : durationText(latency.p99),
      ];
    }),
    { limit: 100 },
  );
}

function errorTable({ facts }: RunView): Html {
  return table(
    'Operations that were not ok, by error',
    [
      { title: 'Error' },
      { title: 'Function' },
      { title: 'Outcome' },
      { title: 'Count', numeric: true },
      { title: 'For example' },
    ],
    facts.errors.map((error) => [
      code(shortened(error.code, 80)),
      code(shortened(error.f, 80)),
      error.outcome === 'fail' ? 'failed: no effect' : 'unknown',
      countText(error.count),
      error.example === undefined ? '' : prose(shortened(safeLine(error.example), 200)),
    ]),
    { limit: 100 },
  );
}

/** Of all checks together: the checks are the parts of the whole, and keys are parts of theirs. */
function validities(result: CheckResult): Map<string, Validity> {
  const gravest: readonly Validity[] = ['invalid', 'unknown', 'valid'];
  const all = new Map<string, Validity>();
  for (const check of Object.values(result.parts ?? { whole: result })) {
    for (const [key, validity] of keyVerdicts(check)) {
      const known = all.get(key) ?? 'valid';
      all.set(key, gravest.indexOf(validity) < gravest.indexOf(known) ? validity : known);
    }
  }
  return all;
}

export function keyTable({ facts, run }: RunView): Html | undefined {
  if (facts.byKey.length === 0) return undefined;
  const known = validities(run.result);
  const rank = (key: string): number => ['invalid', 'unknown', 'valid'].indexOf(known.get(key) ?? 'valid');
  const keys = [...facts.byKey].sort(
    (a, b) => rank(a.key) - rank(b.key) || b.ok + b.fail + b.info - (a.ok + a.fail + a.info),
  );
  return table(
    'Worst first',
    [
      { title: 'Key' },
      { title: 'Verdict' },
      { title: 'Operations', numeric: true },
      { title: 'ok share', numeric: true },
      { title: 'unknown', numeric: true },
      { title: 'From', numeric: true },
      { title: 'To', numeric: true },
    ],
    keys.map(({ key, ok, fail, info, from, to }) => {
      const validity = known.get(key);
      return [
        code(keyText(key)),
        validity === undefined ? '' : badge(validityLooks[validity]),
        countText(ok + fail + info),
        shareText(ok, ok + fail + info),
        countText(info),
        momentText(from, 2),
        momentText(to, 2),
      ];
    }),
    { limit: shownKeys },
  );
}
