// The program of a worker thread: judges the parts that it is sent, one after the other.

import { parentPort } from 'node:worker_threads';
import type { Model } from '../../model.ts';
import { judgePart } from '../judge-part.ts';
import { split } from '../parts.ts';
import {
  type FromThread,
  type OpenCheck,
  type PartTask,
  release,
  type SentJudgement,
  sent,
  type ToThread,
  threadBudget,
} from './messages.ts';
import { modelOf } from './model-reference.ts';
import { partHistory, type ThreadHistory, threadHistory } from './shared-history.ts';

interface Current {
  readonly check: OpenCheck;
  readonly whole: ThreadHistory;
  readonly model: Model<unknown>;
}

let current: Current | undefined;

parentPort?.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'open':
      current = { check: message, whole: threadHistory(message.history), model: modelOf(message.model) };
      break;
    case 'close':
      current = undefined;
      break;
    case 'judge':
      answer(message.tasks);
      break;
  }
});

function answer(tasks: readonly PartTask[]): void {
  if (current === undefined) throw new Error('a part came before its check');
  const open = current;
  let message: FromThread;
  const buffers: ArrayBuffer[] = [];
  try {
    const results = tasks.map((task) => judgeTask(open, task));
    for (const { decision } of results) {
      if (decision.validity === 'valid') buffers.push(decision.order.buffer as ArrayBuffer);
    }
    message = { kind: 'judged', results };
  } catch (error) {
    message = {
      kind: 'broke',
      stack: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
  release(open.check.cells, open.check.slot);
  parentPort?.postMessage(message, buffers);
}

function judgeTask({ check, whole, model }: Current, { ids, configurations }: PartTask): SentJudgement {
  const own = partHistory(whole, ids);
  const parts = split(own.history, model);
  const part = 'refusal' in parts ? undefined : parts.parts[0];
  if (part === undefined || part.size !== ids.length || ('parts' in parts && parts.parts.length !== 1)) {
    throw new Error('a part is another one in its thread');
  }
  const budget = threadBudget(check);
  const judgement = judgePart(part, { budget, configurations, algorithm: check.algorithm });
  const { decision } = judgement;
  const heap = budget.allowance?.('memory');
  const isHeap = decision.validity === 'unknown' && decision.cause === 'memory' && heap !== undefined;
  return sent(isHeap ? { ...judgement, why: `ran out of memory (${heap})` } : judgement, own);
}
