// The node as a program: options in, exit code out. 0 after SIGTERM or SIGINT, 1 when the node cannot go on, 254 for
// bad arguments. One line on stderr says why; only a mistake of ours has a stack.

import { UsageError } from '../../harness/errors.ts';
import { withSlowDisk } from '../mutants/slow-disk.ts';
import { AssertionError } from '../raft/assert.ts';
import { paperRules } from '../raft/rules.ts';
import { properDuties } from './duties.ts';
import { type NodeOptions, parseNodeOptions } from './options.ts';
import { realHost } from './real-host.ts';
import { Server } from './server.ts';
import { StorageError } from './wal.ts';

function die(code: number, line: string): never {
  process.stderr.write(`${line}\n`);
  process.exit(code);
}

function dieOf(error: unknown): never {
  if (!(error instanceof Error)) return die(1, `fatal: ${String(error)}`);
  const isWorldly = error instanceof StorageError || error instanceof AssertionError || 'syscall' in error;
  return die(1, `fatal: ${isWorldly ? error.message : (error.stack ?? error.message)}`);
}

function readOptions(): NodeOptions {
  try {
    return parseNodeOptions(process.argv.slice(2), process.env);
  } catch (error) {
    if (error instanceof UsageError) return die(254, error.message);
    throw error;
  }
}

process.on('uncaughtException', dieOf);
const { mutant, ...options } = readOptions();
if (mutant !== undefined) {
  realHost.log(`MUTANT ${mutant.name}: ${mutant.about}. This node is broken on purpose.`);
}
const host = mutant === undefined ? realHost : withSlowDisk(realHost, mutant.syncDelayMs);
const server = await Server.start(host, {
  ...options,
  rules: mutant?.rules ?? paperRules,
  duties: mutant?.duties ?? properDuties,
  ...(mutant && { mutant: mutant.name }),
  onFatal: dieOf,
}).catch(dieOf);
const end = (): void => {
  void server.stop().then(() => process.exit(0));
};
process.once('SIGTERM', end);
process.once('SIGINT', end);
