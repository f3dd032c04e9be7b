// The local environment against the suite for all environments.

import { environmentContract } from '../environment.contract.ts';
import { askOverTcp, contractCommand } from '../testdata/contract-over-tcp.ts';
import { localEnvironment } from './provider.ts';

environmentContract({
  provider: localEnvironment({ limits: { SIGTERM: 1_000 } }),
  command: contractCommand,
  ask: (node, request, limitMs) => askOverTcp(node.endpoint('client'), request, limitMs),
});
