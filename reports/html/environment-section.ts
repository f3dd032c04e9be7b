// What ran where, and how to run it again.

import type { Json } from '../../checkers/json.ts';
import { wordsOf } from '../evidence-words.ts';
import { countText, safeText, shortened } from '../safe-text.ts';
import { durationText } from '../time-text.ts';
import { type Content, type Html, html, prose } from './escape.ts';
import type { RunView } from './run-view.ts';
import { table } from './table.ts';

const columns = [{ title: 'What' }, { title: 'Value' }];

export function environmentSection({ run }: RunView): Html {
  const { plan } = run;
  const { name, ...description } = plan.system;
  const planRows: [string, Content][] = [
    ['Workload', prose(plan.workload)],
    ['Model', prose(plan.model)],
    ['Required to succeed', prose(plan.required.join(', '))],
    ['Environment', prose(plan.environment)],
    ['Nodes', prose(shortened(plan.nodes.join(', '), 500))],
    ['Threads of clients', countText(plan.concurrency)],
    ['Requested rate', `${countText(plan.rate)} /s`],
    ['Time limit', durationText(plan.timeLimitMs * 1e6)],
    ['Operation timeout', durationText(plan.opTimeoutMs * 1e6)],
    ['Faults', prose(plan.faults.length === 0 ? 'none' : plan.faults.map((fault) => fault.name).join(', '))],
    ['Seed', String(plan.seed)],
    ['Started', prose(run.startedAt)],
  ];
  const systemRows = Object.entries<Json>(description);
  return html`${table('Plan', columns, planRows)}
${table('System under test', columns, [['name', prose(name)], ...systemRows.map(([field, value]) => [prose(shortened(field, 80)), prose(wordsOf(value))])], { limit: 100 })}
${table(
  'Versions',
  columns,
  Object.entries(run.versions).map(([what, version]) => [
    prose(shortened(what, 80)),
    prose(shortened(version, 300)),
  ]),
  { limit: 100 },
)}`;
}

export function reproduceSection({ run }: RunView): Html {
  const { plan } = run;
  const again =
    plan.environment === 'sim'
      ? 'The simulator replays this seed exactly: the same history, byte for byte, with the same version of Faultline.'
      : 'This offers the same operations and the same faults from the same seed. It does not replay the same interleaving: on real processes a violation may take several runs to come back.';
  return html`<p>Run the same test again:</p>
<pre class="command"><bdi>${shortened(safeText(plan.command), 4_000)}</bdi></pre>
<p>${again}</p>
<p>Judge what was recorded again, without any cluster, in the folder of this file:</p>
<pre class="command">faultline check .</pre>
${
  run.result.counterexamples === undefined
    ? undefined
    : html`<p>Judge the minimal sub-history alone:</p>
<pre class="command"><bdi>faultline check counterexample.jsonl --model ${shortened(safeText(plan.model), 100)}</bdi></pre>`
}`;
}
