// The helper program: requests by line on standard input, replies by line on standard output. The end of the input is
// the end of its controller, whatever ended that: it takes its rules away and ends, 0 when nothing of ours is left.

import { createInterface } from 'node:readline';
import * as v from 'valibot';
import { NodeHelper } from './node-helper.ts';
import { type HelperMessage, lineOf, requestSchema } from './protocol.ts';

const helper = new NodeHelper();

function say(message: HelperMessage): void {
  process.stdout.write(lineOf(message));
}

async function take(line: string): Promise<void> {
  const { id, ask } = v.parse(requestSchema, JSON.parse(line));
  try {
    say({ id, result: await helper.answer(ask) });
  } catch (error) {
    say({ id, error: error instanceof Error ? error.message : String(error) });
  }
}

/** Without its rules, whatever the reason: what should not happen must not leave any behind either. */
async function end(failure?: unknown): Promise<never> {
  try {
    await helper.removeRules();
  } catch (error) {
    lament(error);
    process.exit(1);
  }
  if (failure === undefined) process.exit(0);
  lament(failure);
  process.exit(1);
}

function lament(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
}

// Nobody reads what it says any more: the end of the input says the same.
process.stdout.on('error', () => undefined);
process.on('SIGTERM', () => void end());
process.on('SIGINT', () => void end());
process.on('uncaughtException', (error) => void end(error));

const requests = createInterface({ input: process.stdin });
requests.on('line', (line) => {
  take(line).catch(end);
});
requests.on('close', () => {
  if (!helper.kept) void end();
});
