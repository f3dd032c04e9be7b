// Operations in words, for somebody who never saw the tool.

import type { History } from '../history.ts';
import type { Json } from '../json.ts';
import { canonicalJson } from '../json.ts';
import type { Operation } from '../op.ts';

/** Nanoseconds since the start as `12.304 s`. */
export function seconds(ns: number): string {
  return `${(ns / 1e9).toFixed(3)} s`;
}

export function who({ process, node }: Pick<Operation, 'process' | 'node'>): string {
  return node === undefined ? `process ${process}` : `process ${process} (at ${node})`;
}

export function valueText(value: Json | undefined): string {
  return value === undefined ? 'absent' : canonicalJson(value);
}

/** `the write of 2 (operation 118)`. */
export function noun(operation: Operation): string {
  return `the ${bareNoun(operation)} (operation ${operation.id})`;
}

function bareNoun({ call, result }: Operation): string {
  if (call.f === 'read') return result === undefined ? 'read' : `read of ${valueText(result.value)}`;
  if (call.f === 'write') return `write of ${valueText(call.value)}`;
  if (call.f === 'cas') return `cas ${fromTo(call.value)}`;
  if (call.f === 'dequeue' || call.f === 'pop') {
    if (result === undefined) return call.f;
    return result.value === undefined
      ? `${call.f} that found nothing`
      : `${call.f} of ${valueText(result.value)}`;
  }
  return call.value === undefined ? call.f : `${call.f} of ${valueText(call.value)}`;
}

function fromTo(value: Json | undefined): string {
  if (!Array.isArray(value)) return valueText(value);
  const [from, to] = value as readonly Json[];
  return `from ${valueText(from)} to ${valueText(to)}`;
}

const pastOf: Readonly<Record<string, string>> = {
  enqueue: 'enqueued',
  dequeue: 'dequeued',
  push: 'pushed',
  pop: 'popped',
  append: 'appended',
};

/** Who saw or did what, as a clause: `process 4 (at n2) read 1`, `a cas of process 4 found 1`. */
export function clause(operation: Operation): string {
  const { call, result } = operation;
  if (result?.mismatch === true) return `a ${call.f} of ${who(operation)} found ${valueText(result.value)}`;
  if (result === undefined)
    return `${who(operation)} began the ${bareNoun(operation)}, and its outcome is unknown`;
  switch (call.f) {
    case 'read':
      return result.value === undefined
        ? `${who(operation)} found the key absent`
        : `${who(operation)} read ${valueText(result.value)}`;
    case 'write':
      return `${who(operation)} wrote ${valueText(call.value)}`;
    case 'cas':
      return `a cas of ${who(operation)} ${fromTo(call.value)} succeeded`;
    case 'enqueue':
    case 'push':
    case 'append':
      return `${who(operation)} ${pastOf[call.f] ?? ''} ${valueText(call.value)}`;
    case 'dequeue':
    case 'pop':
      return result.value === undefined
        ? `${who(operation)} found the ${call.f === 'pop' ? 'stack' : 'queue'} empty`
        : `${who(operation)} ${pastOf[call.f] ?? ''} ${valueText(result.value)}`;
    case 'add':
    case 'remove': {
      const told = typeof result.value === 'number' ? `, which made ${result.value}` : '';
      const idle = result.value === false ? `, which was ${call.f === 'add' ? 'already' : 'not'} there` : '';
      return `${who(operation)} ${call.f === 'add' ? 'added' : 'removed'} ${valueText(call.value)}${told}${idle}`;
    }
    case 'contains':
      return `${who(operation)} was told that ${valueText(call.value)} is ${result.value === true ? '' : 'not '}in the set`;
    case 'acquire':
    case 'release': {
      const owner = call.value === undefined ? '' : ` as ${valueText(call.value)}`;
      const token = typeof result.value === 'number' ? ` with the token ${result.value}` : '';
      return `${who(operation)} ${call.f}d the lock${owner}${token}`;
    }
    default:
      return `${who(operation)} did ${bareNoun(operation)}${result.value === undefined ? '' : `: ${valueText(result.value)}`}`;
  }
}

/** What one operation was, with its times: `12.280 s to 12.291 s: process 1 wrote 2 (operation 118)`. */
export function observation(history: History, operation: Operation): string {
  const from = seconds(history.time(operation.invokedAt));
  const { completedAt, id } = operation;
  const span =
    completedAt === Infinity ? `from ${from} on` : `${from} to ${seconds(history.time(completedAt))}`;
  const refused =
    operation.result?.mismatch === true && operation.call.f === 'cas'
      ? `, so it did not change the value ${fromTo(operation.call.value)}`
      : '';
  return `${span}: ${clause(operation)}${refused} (operation ${id})`;
}

/** `a, b and c`. */
export function list(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
