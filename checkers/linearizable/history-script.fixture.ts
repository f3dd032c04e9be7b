// Short histories for tests, written as a script: a line an op, times of one millisecond a line.

import { History, type NewOp } from '../history.ts';
import type { Json } from '../json.ts';
import type { Operation } from '../op.ts';

/**
 * Lines like `0 invoke write 1`, `0 ok write 1`, `1 ok read absent`, `2 fail cas [0,1] found 3`, `0 info write 1`. A word
 * after the process with an `@` in front is the node, one with a `:` behind it is the key.
 */
export function scripted(script: string): History {
  const lines = script
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return History.of(lines.map((line, index) => ({ ...parseLine(line), time: index * 1e6 })));
}

function parseLine(line: string): Omit<NewOp, 'time'> {
  const match =
    /^(?<process>\w+)( @(?<node>\w+))? (?<type>invoke|ok|fail|info)( (?<key>\w+):)? (?<f>\w+)( (?<value>[^ ]+))?( found (?<found>[^ ]+))?$/.exec(
      line,
    );
  const { process, node, type, key, f, value, found } = match?.groups ?? {};
  if (process === undefined || f === undefined) throw new Error(`not a line of a script: ${line}`);
  return {
    process: process === 'nemesis' ? process : Number(process),
    type: type as NewOp['type'],
    f,
    ...(node === undefined ? {} : { node }),
    ...(key === undefined ? {} : { key }),
    ...(value === undefined || value === 'absent' ? {} : { value: JSON.parse(value) as Json }),
    ...(found === undefined ? {} : { found: found === 'absent' ? {} : { value: JSON.parse(found) as Json } }),
    ...(type === 'fail' ? { error: { code: found === undefined ? 'refused' : 'cas-mismatch' } } : {}),
  };
}

/** Operations as the history that would give them; their positions must be those of one history. */
export function historyOf(operations: readonly Operation[], key?: string): History {
  const ops: Omit<NewOp, 'time'>[] = [];
  for (const { process, call, result, invokedAt, completedAt } of operations) {
    const { value, f } = call;
    const shared = { process, f, ...(key === undefined ? {} : { key }) };
    const asked = { ...shared, ...(value === undefined ? {} : { value }) };
    ops[invokedAt] = { ...asked, type: 'invoke' };
    if (result === undefined) continue;
    const { mismatch, ...told } = result;
    ops[completedAt] =
      mismatch === true
        ? { ...asked, type: 'fail', found: told, error: { code: 'cas-mismatch' } }
        : { ...(f === 'read' ? { ...shared, ...told } : asked), type: 'ok' };
  }
  return History.of(ops.map((op, index) => ({ ...op, time: index * 1e6 })));
}
