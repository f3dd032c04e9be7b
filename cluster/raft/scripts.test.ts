// Scripts and what comes of them, to be read: testdata/*.txt shows each command and under it everything the nodes did.
// After a change that is meant, `npx vitest run cluster/raft/scripts.test.ts -u` writes them anew; read the difference.

import { expect, it } from 'vitest';
import type { Answer, Effects, Entry, Input, Message, NodeId } from './messages.ts';
import { PureCluster, type PureClusterOptions } from './pure-cluster.fixture.ts';

const scripts: Record<string, { options: Partial<PureClusterOptions>; script: string }> = {
  'election-and-write': {
    options: {},
    script: `
      time-out a
      deliver
      deliver b>a
      deliver
      deliver
      propose a x
      stabilize
      time-out a
      stabilize
      show`,
  },
  'split-vote': {
    options: {},
    script: `
      time-out a
      time-out b
      deliver a>b b>a
      deliver a>c b>c
      lose c>a
      stabilize
      show`,
  },
  'conflicting-tails': {
    options: { term: 7, logs: { a: [1, 1, 4, 4, 6, 6], b: [1, 1, 2, 2, 3, 3, 5], c: [1, 1, 4, 4, 6, 6] } },
    script: `
      time-out a
      stabilize
      show`,
  },
  'read-index': {
    options: {},
    script: `
      elect a
      read a
      read a
      deliver a>b
      read b
      deliver b>a
      stabilize
      isolate a
      elect b
      propose b x
      stabilize
      read a
      time-out a
      stabilize
      heal
      time-out b
      stabilize
      show`,
  },
  'figure-8-with-no-op': {
    options: {
      ids: ['a', 'b', 'c', 'd', 'e'],
      term: 3,
      logs: { a: [1, 2], b: [1, 2], c: [1], d: [1], e: [1, 3] },
    },
    script: `
      crash e
      time-out a
      stabilize
      crash a
      restart e
      time-out e
      stabilize
      time-out e
      stabilize
      show`,
  },
  'lost-append-in-a-pipeline': {
    options: { ids: ['a', 'b'] },
    script: `
      elect a
      propose a x
      lose a>b
      propose a y
      propose a z
      stabilize
      show`,
  },
};

it.each(Object.entries(scripts))('%s goes as written down', async (name, { options, script }) => {
  await expect(transcriptOf(script, options)).toMatchFileSnapshot(`testdata/${name}.txt`);
});

function transcriptOf(script: string, options: Partial<PureClusterOptions>): string {
  const lines: string[] = [];
  const cluster = new PureCluster({
    ids: ['a', 'b', 'c'],
    ...options,
    onStep: (id, inputs, effects) => lines.push(...stepLines(id, inputs, effects)),
  });
  lines.push(...stateLines(cluster));
  for (const command of script.trim().split('\n')) {
    lines.push('', `> ${command.trim()}`);
    lines.push(...run(cluster, command.trim().split(' ')));
  }
  return `${lines.join('\n')}\n`;
}

/** Does one command; gives what is to be said beyond the steps. */
function run(cluster: PureCluster, [verb = '', ...words]: readonly string[]): readonly string[] {
  const [node = '', data = ''] = words;
  const onLinks = ({ from, to }: { from: NodeId; to: NodeId }) =>
    words.length === 0 || words.includes(`${from}>${to}`);
  const done: Record<string, () => unknown> = {
    'time-out': () => cluster.timeOut(node),
    elect: () => cluster.elect(node),
    propose: () => cluster.propose(node, data),
    read: () => cluster.read(node),
    deliver: () => cluster.deliver(onLinks),
    lose: () => cluster.take(onLinks),
    stabilize: () => cluster.stabilize(),
    isolate: () => cluster.isolate(node),
    heal: () => cluster.heal(),
    crash: () => cluster.crash(node),
    restart: () => cluster.restart(node),
    show: () => undefined,
  };
  const act = done[verb];
  if (act === undefined)
    throw new Error(`no such command: ${verb}; there are ${Object.keys(done).join(', ')}`);
  act();
  return verb === 'show' ? stateLines(cluster) : [];
}

function stateLines(cluster: PureCluster): readonly string[] {
  return cluster.ids.map((id) => {
    if (!cluster.isUp(id)) return `${id} down, log ${cluster.terms(id).join(' ')}`;
    const { role, term, leader, commit } = cluster.status(id);
    return `${id} ${role}, term ${term}, leader ${leader ?? '-'}, commit ${commit}, log ${cluster.terms(id).join(' ') || '-'}`;
  });
}

function stepLines(id: NodeId, inputs: readonly Input[], effects: Effects): readonly string[] {
  const { hardState, truncateFrom, append } = effects.persist ?? { append: [] };
  return [
    ...inputs.map((input) => `${id} ${sayInput(input)}`),
    ...(hardState === undefined
      ? []
      : [`  persist term ${hardState.term}, vote ${hardState.votedFor ?? '-'}`]),
    ...(truncateFrom === undefined ? [] : [`  truncate from ${truncateFrom}`]),
    ...(append.length === 0 ? [] : [`  persist ${sayEntries(append)}`]),
    ...effects.send.map(({ to, message }) => `  send ${to}: ${sayMessage(message)}`),
    ...(effects.apply.length === 0 ? [] : [`  apply ${sayEntries(effects.apply)}`]),
    ...effects.answers.map((answer) => `  answer ${sayAnswer(answer)}`),
  ];
}

function sayInput(input: Input): string {
  switch (input.kind) {
    case 'tick':
      return 'times out';
    case 'receive':
      return `receives from ${input.from}: ${sayMessage(input.message)}`;
    case 'propose':
      return `is asked, ticket ${input.ticket}, to write ${input.data}`;
    case 'read':
      return `is asked, ticket ${input.ticket}, to read`;
    default:
      return input satisfies never;
  }
}

function sayMessage(message: Message): string {
  const { kind, term } = message;
  switch (kind) {
    case 'request-vote':
      return `request-vote, term ${term}, log up to ${message.lastIndex}@${message.lastTerm}`;
    case 'vote':
      return `vote, term ${term}, ${message.granted ? 'granted' : 'refused'}`;
    case 'append':
      return `append, term ${term}, round ${message.round}, after ${message.prevIndex}@${message.prevTerm}: ${sayEntries(message.entries)}, commit ${message.commit}`;
    case 'appended':
      return `appended, term ${term}, round ${message.round}, match ${message.match}`;
    case 'refused': {
      const found = message.conflictTerm === undefined ? 'log ends' : `term ${message.conflictTerm} begins`;
      return `refused, term ${term}, round ${message.round}, after ${message.prevIndex}, ${found} at ${message.firstIndex}`;
    }
    default:
      return kind satisfies never;
  }
}

function sayEntries(entries: readonly Entry[]): string {
  return entries.length === 0
    ? 'nothing'
    : entries.map(({ index, term, data }) => `${index}@${term} ${data || 'no-op'}`).join(', ');
}

function sayAnswer(answer: Answer): string {
  switch (answer.kind) {
    case 'committed':
    case 'readable':
      return `ticket ${answer.ticket}: ${answer.kind} at ${answer.index}`;
    case 'rejected':
      return `ticket ${answer.ticket}: rejected, leader ${answer.leader ?? '-'}`;
    case 'abandoned':
      return `ticket ${answer.ticket}: abandoned`;
    default:
      return answer satisfies never;
  }
}
