// Calls and outcomes of a history against commands and replies of Redis, as pure functions.

import type { Call, Outcome } from '../../checkers/op.ts';
import { failure } from '../client/exchange.ts';
import { casMismatch, excerpt, refused, type TextCall, valueOfText } from '../client/text-call.ts';
import { redisErrorKind } from './errors.ts';

/** The command's name and its arguments. */
export type RedisCommand = readonly [name: string, ...args: string[]];

/** Runs alone, as every script does. Writes at its end or not at all. */
const casScript = `local found = redis.call('GET', KEYS[1])
if found == false then return {'absent'} end
if found ~= ARGV[1] then return {'found', found} end
redis.call('SET', KEYS[1], ARGV[2])
return {'swapped'}`;

export function commandOf(call: TextCall): RedisCommand {
  switch (call.f) {
    case 'read':
      return ['GET', call.key];
    case 'write':
      return ['SET', call.key, call.text];
    case 'cas':
      return ['EVAL', casScript, '1', call.key, call.from, call.to];
  }
}

/** Whatever the server sent, however odd. What is not clearly understood is `info`, never a guess. */
export function outcomeOf(call: Call, reply: unknown): Outcome {
  return success(call, reply) ?? failure(call, 'unintelligible', excerpt(JSON.stringify(reply) ?? 'nothing'));
}

export function refusal(call: Call, message: string): Outcome {
  const { code, definite } = redisErrorKind(message);
  return refused(call, code, message, definite);
}

function success(call: Call, reply: unknown): Outcome | undefined {
  switch (call.f) {
    case 'read': {
      if (reply === null) return { type: 'ok' };
      const found = typeof reply === 'string' ? valueOfText(reply) : undefined;
      return found && { type: 'ok', ...found };
    }
    case 'write':
      return reply === 'OK' ? { type: 'ok' } : undefined;
    case 'cas':
      return Array.isArray(reply) ? casOutcome(reply as readonly unknown[]) : undefined;
    default:
      return undefined;
  }
}

function casOutcome([what, text, ...rest]: readonly unknown[]): Outcome | undefined {
  if (rest.length > 0) return undefined;
  if (what === 'found') {
    const found = typeof text === 'string' ? valueOfText(text) : undefined;
    return found && casMismatch(found);
  }
  if (text !== undefined) return undefined;
  if (what === 'absent') return casMismatch({});
  return what === 'swapped' ? { type: 'ok' } : undefined;
}
