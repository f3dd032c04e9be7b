// The Docker engine: is there one, and what can be done on it? Each thing is found out by doing it.

import { answer, type Bench, openBench, runIn } from './doctor-bench.ts';
import { type Finding, finding } from './doctor-finding.ts';
import { machineProbes, networkProbes, type ProbeResult, readResults, scriptOf } from './doctor-probes.ts';
import { Engine } from './engine.ts';
import { ensureImage } from './image.ts';

const openLimitMs = 5_000;
const answerLimitMs = 5_000;

interface DoctorOptions {
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
}

export interface EngineDiagnosis {
  readonly findings: readonly Finding[];
  /** Why no run can use it; undefined: one can. */
  readonly unusable?: string;
}

export function reachEngine(): Promise<Attempted<Engine>> {
  return attempt(() => Engine.open(openLimitMs));
}

/** Never throws for what the world does. Everything that it makes is removed, and only the image stays. */
export async function examineEngine(
  reached: Attempted<Engine>,
  { signal, note }: DoctorOptions,
): Promise<EngineDiagnosis> {
  const findings: Finding[] = [];
  if (reached.failed !== undefined) {
    findings.push(
      finding('engine', 'nodes in containers (--env docker); --env local needs none', {
        state: 'missing',
        ...parted(reached.failed),
      }),
    );
    return { findings, unusable: reached.failed };
  }
  const engine = reached.value;
  findings.push(...(await engineFindings(engine)));
  signal.throwIfAborted();
  const image = await attempt(() => ensureImage(engine, { software: 'register', note, signal }));
  signal.throwIfAborted();
  findings.push(
    finding(
      'image',
      'nodes and their helpers; made from docker/Dockerfile whenever something in it changed',
      image.failed === undefined
        ? { state: 'ok', seen: `${image.value.name}${image.value.built ? ', built now' : ''}` }
        : { state: 'missing', ...parted(image.failed) },
    ),
  );
  if (image.failed !== undefined) return { findings, unusable: image.failed };
  const opened = await attempt(() => openBench(engine, image.value.id));
  if (opened.failed !== undefined) {
    findings.push(
      finding('containers', 'nodes, each with a helper that may change its network', {
        state: 'missing',
        seen: opened.failed,
        fix: 'see the engine’s log; a helper needs the capability NET_ADMIN, a network, and a volume in memory',
      }),
    );
    return { findings, unusable: opened.failed };
  }
  const bench = opened.value;
  try {
    for (const examine of [examinePort, examineNetwork, examineMachine, examineControl]) {
      signal.throwIfAborted();
      findings.push(...(await examine(engine, bench)));
    }
  } finally {
    const removed = await attempt(async () => bench[Symbol.asyncDispose]());
    if (removed.failed !== undefined) {
      findings.push(
        finding('removal', 'leaving nothing behind', {
          state: 'missing',
          seen: removed.failed,
          fix: 'faultline clean',
        }),
      );
    }
  }
  return { findings };
}

async function engineFindings(engine: Engine): Promise<readonly Finding[]> {
  const { version, apiVersion, system, kernel, cgroupVersion } = engine.facts;
  const asked = await attempt(() =>
    engine.attempt('ask the engine for its facts', (docker) => docker.info()),
  );
  const info = (asked.value ?? {}) as { Driver?: string; SecurityOptions?: readonly string[] };
  const isRootless = (info.SecurityOptions ?? []).some((option) => option.includes('rootless'));
  const hasOldGroups = cgroupVersion === '1';
  return [
    finding('engine', 'nodes in containers (--env docker)', {
      state: 'ok',
      seen: `${version}, API ${apiVersion}, ${system}, kernel ${kernel}, storage ${info.Driver ?? 'unknown'}${engine.isRemote ? `, remote at ${engine.host}` : ''}`,
    }),
    finding(
      'rights',
      'limits of the processor and freezing, which a rootless engine has only where its user was given the control groups',
      {
        state: isRootless ? 'degraded' : 'ok',
        seen: isRootless ? 'rootless' : 'not rootless',
        fix: 'delegate the control groups cpu, memory and freezer to the engine’s user (systemd: Delegate=)',
      },
    ),
    finding('control groups', 'freezing nodes, limits of processor and memory', {
      state: hasOldGroups || cgroupVersion === '2' ? 'ok' : 'degraded',
      seen: `version ${cgroupVersion}`,
      fix: 'an engine from 20.10 on tells its version',
    }),
  ];
}

async function examinePort(engine: Engine, { published }: Bench): Promise<readonly Finding[]> {
  const { host, port } = published;
  const reached = await attempt(async () => {
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
    const give = AbortSignal.timeout(answerLimitMs);
    for (;;) {
      try {
        return await (await fetch(url, { signal: give })).text();
      } catch (error) {
        // The container's program may not listen yet.
        if (give.aborted) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  });
  const works = reached.failed === undefined && reached.value === answer;
  return [
    finding('published port', 'clients, who reach the nodes through it', {
      state: works ? 'ok' : 'missing',
      seen: works
        ? `reached at ${host}:${port}`
        : `nothing answers at ${host}:${port} (${reached.failed ?? reached.value})`,
      fix: engine.isRemote
        ? `let this machine reach the published ports of ${host}: a firewall between them may be in the way`
        : 'the engine’s proxy for published ports must be on (userland-proxy), or its firewall rules be in force (iptables)',
    }),
  ];
}

const kernelFix = (module: string) =>
  `on the engine’s machine: modprobe ${module}; cloud and minimal kernels leave it out (Debian: apt-get install linux-image-amd64, then restart)`;

const reasons: Readonly<Record<string, { why: string; fix: string; state: 'degraded' | 'missing' }>> = {
  iptables: { why: 'partitions', fix: kernelFix('ip_tables nf_tables'), state: 'missing' },
  'iptables statistic': { why: 'lost packets', fix: kernelFix('xt_statistic'), state: 'degraded' },
  'iptables tcp-reset': {
    why: 'connections that are reset',
    fix: kernelFix('ipt_REJECT'),
    state: 'degraded',
  },
  ip6tables: { why: 'partitions, where nodes speak IPv6', fix: kernelFix('ip6_tables'), state: 'degraded' },
  'ip6tables statistic': {
    why: 'lost packets, where nodes speak IPv6',
    fix: kernelFix('xt_statistic'),
    state: 'degraded',
  },
  'ip6tables tcp-reset': {
    why: 'connections that are reset, where nodes speak IPv6',
    fix: kernelFix('ip6t_REJECT'),
    state: 'degraded',
  },
  'qdisc htb': { why: 'slow links, each at its own speed', fix: kernelFix('sch_htb'), state: 'degraded' },
  'qdisc tbf': { why: 'slow links', fix: kernelFix('sch_tbf'), state: 'degraded' },
  'qdisc netem': {
    why: 'late, doubled and overtaking packets',
    fix: kernelFix('sch_netem'),
    state: 'degraded',
  },
  'filter u32': {
    why: 'slow or late links to some nodes and not to others',
    fix: kernelFix('cls_u32'),
    state: 'degraded',
  },
  libfaketime: {
    why: 'clocks that jump and drift',
    fix: 'build on a base image with a Node that is linked dynamically, and with Debian’s libfaketime',
    state: 'degraded',
  },
  'size-limited volume': {
    why: 'full disks that fill nobody else’s',
    fix: 'the engine must let volumes be tmpfs (driver local, type=tmpfs)',
    state: 'degraded',
  },
};

function judged(name: string, { works, words }: ProbeResult): Finding {
  const { why, fix, state } = reasons[name] ?? { why: '', fix: '', state: 'degraded' };
  return finding(
    name,
    why,
    works ? { state: 'ok', seen: 'tried, works' } : { state, seen: words || 'refused', fix },
  );
}

async function examineNetwork(engine: Engine, { helper }: Bench): Promise<readonly Finding[]> {
  return probed(engine, helper, networkProbes);
}

async function examineMachine(engine: Engine, { machine }: Bench): Promise<readonly Finding[]> {
  return probed(engine, machine, machineProbes);
}

async function probed(
  engine: Engine,
  container: string,
  probes: typeof networkProbes,
): Promise<readonly Finding[]> {
  const said = await attempt(() => runIn(engine, container, scriptOf(probes)));
  if (said.failed !== undefined) {
    const words = said.failed;
    return probes.map(({ name }) => judged(name, { works: false, words }));
  }
  return [...readResults(probes, said.value)].map(([name, result]) => judged(name, result));
}

/** What the engine does to a container from outside. */
async function examineControl(engine: Engine, { machine }: Bench): Promise<readonly Finding[]> {
  const state = () =>
    engine.attempt('look at a container', (docker) => docker.getContainer(machine).inspect());
  const frozen = await attempt(async () => {
    await engine.attempt('freeze a container', (docker) => docker.getContainer(machine).pause());
    const { Paused } = (await state()).State;
    await engine.attempt('thaw a container', (docker) => docker.getContainer(machine).unpause());
    if (!Paused || (await state()).State.Paused) throw new Error('the engine says it did, and it is not so');
  });
  const limited = await attempt(async () => {
    await engine.attempt('limit a container’s processor', (docker) =>
      docker.getContainer(machine).update({ CpuPeriod: 100_000, CpuQuota: 50_000 }),
    );
    const quota = await runIn(
      engine,
      machine,
      'cat /sys/fs/cgroup/cpu.max /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null',
    );
    if (!quota.startsWith('50000'))
      throw new Error(`its control group says "${quota.trim()}" instead of 50000`);
  });
  return [
    finding('freezer', 'machines that stand still as a whole', {
      state: frozen.failed === undefined ? 'ok' : 'degraded',
      seen: frozen.failed ?? 'frozen and thawed',
      fix: 'the engine needs the control group freezer (version 1) or version 2',
    }),
    finding('processor limit', 'slow machines', {
      state: limited.failed === undefined ? 'ok' : 'degraded',
      seen: limited.failed ?? 'a quota was set and read back',
      fix: 'the engine needs the control group cpu, with quotas (kernel option CFS_BANDWIDTH)',
    }),
  ];
}

export type Attempted<T> =
  | { readonly failed: string; readonly value?: undefined }
  | { readonly failed?: undefined; readonly value: T };

async function attempt<T>(act: () => Promise<T>): Promise<Attempted<T>> {
  try {
    return { value: await act() };
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}

/** What our own errors say after the first ": " or "; " that starts advice is the fix. */
function parted(message: string): { seen: string; fix?: string } {
  const at = message.search(
    /: (?:start one|join the group|is it running)|; without a registry|; the build cannot reach/,
  );
  return at < 0 ? { seen: message } : { seen: message.slice(0, at), fix: message.slice(at + 2) };
}
