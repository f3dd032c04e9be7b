// The Docker environment against the suite for all environments.

import { readFileSync } from 'node:fs';
import { environmentContract } from '../harness/environment.contract.ts';
import { askOverTcp, contractCommand, contractProgram } from '../harness/testdata/contract-over-tcp.ts';
import { describeDocker } from './engine.fixture.ts';
import { dockerEnvironment } from './provider.ts';

/** The program goes along as text: the node's machine has no files of ours but those of its image. */
const text = readFileSync(contractProgram, 'utf8');

await describeDocker('the contract of environments, in Docker', () => {
  environmentContract({
    provider: dockerEnvironment({ limits: { SIGTERM: 1_000 } }),
    command: (node, nodes) =>
      contractCommand(node, nodes, ['node', '--input-type=module', '-e', text, '--', 'contract-program']),
    ask: (node, request, limitMs) => askOverTcp(node.endpoint('client'), request, limitMs),
  });
});
