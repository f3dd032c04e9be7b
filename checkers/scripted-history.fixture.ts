// Histories written by hand, op by op, for tests and examples: `scripted(invoke(0, 'write', 1), ok(0, 'write'))`.

import { History, type NewOp } from './history.ts';
import type { Json } from './json.ts';

export type ScriptedOp = Omit<NewOp, 'time'> & { readonly time?: number };

/** Nanoseconds between two ops that tell no time of their own: a millisecond. */
const gap = 1_000_000;

/** Each op a millisecond after the one before, unless it tells its time. */
export function scripted(...ops: readonly ScriptedOp[]): History {
  let time = -gap;
  return History.of(
    ops.map((op) => {
      time = op.time ?? time + gap;
      return { ...op, time };
    }),
  );
}

export function invoke(process: number, f: string, value?: Json): ScriptedOp {
  return { type: 'invoke', process, f, ...valued(value) };
}

export function ok(process: number, f: string, value?: Json): ScriptedOp {
  return { type: 'ok', process, f, ...valued(value) };
}

export function fail(process: number, f: string, code = 'refused'): ScriptedOp {
  return { type: 'fail', process, f, error: { code } };
}

export function info(process: number, f: string, code = 'timeout'): ScriptedOp {
  return { type: 'info', process, f, error: { code } };
}

/** A whole operation that succeeded. */
export function done(process: number, f: string, value?: Json): ScriptedOp[] {
  return [invoke(process, f, value), ok(process, f, value)];
}

/** Both ends of a nemesis call, with what became of it. */
export function fault(f: string, status: 'applied' | 'skipped' | 'failed', value?: Json): ScriptedOp[] {
  return [
    { type: 'invoke', process: 'nemesis', f, ...valued(value) },
    { type: 'info', process: 'nemesis', f, value: { status, evidence: { n1: 'seen' } } },
  ];
}

export function phase(name: 'warm-up' | 'main' | 'recovery' | 'final'): ScriptedOp[] {
  return fault('phase', 'applied', name);
}

function valued(value: Json | undefined): { readonly value?: Json } {
  return value === undefined ? {} : { value };
}
