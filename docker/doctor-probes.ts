// Scripts that try one thing after another inside a container, and how what they print is read. Pure.

import { quoted } from './shell.ts';

export interface Probe {
  readonly name: string;
  /** Ends with status 0 when the thing works. What it prints last is the reason when it does not. */
  readonly script: string;
}

export interface ProbeResult {
  readonly works: boolean;
  readonly words: string;
}

/** Tabs and line ends delimit, so none is left in a probe's words. */
export function scriptOf(probes: readonly Probe[]): string {
  return probes
    .map(
      ({ name, script }) =>
        `words=$(sh -ec ${quoted(script)} 2>&1 </dev/null); status=$?; ` +
        `printf '%s\\t%s\\t%s\\n' ${quoted(name)} "$status" "$(printf '%s' "$words" | tail -n 1 | tr -d '\\t')"`,
    )
    .join('\n');
}

/** By the probes' names; what did not get to speak did not work. */
export function readResults(probes: readonly Probe[], stdout: string): ReadonlyMap<string, ProbeResult> {
  const lines = stdout.split('\n').map((line) => line.split('\t'));
  return new Map(
    probes.map(({ name }) => {
      const [, status, words = ''] = lines.find(([said]) => said === name) ?? [];
      return [
        name,
        { works: status === '0', words: words || (status === undefined ? 'it did not end' : '') },
      ];
    }),
  );
}

/** A chain that nothing leads to: rules in it are accepted or refused, and touch no packet. */
const onChain = (tables: string, rule: string) => `
${tables} -w -N FAULTLINE-DOCTOR
trap '${tables} -w -F FAULTLINE-DOCTOR; ${tables} -w -X FAULTLINE-DOCTOR' EXIT
${tables} -w -A FAULTLINE-DOCTOR ${rule}`;

const onLoopback = (commands: string) => `
trap 'tc qdisc del dev lo root 2>/dev/null || true' EXIT
${commands}`;

const drop = '-j DROP';
const statistic = '-m statistic --mode random --probability 0.5 -j DROP';
const reset = '-p tcp -j REJECT --reject-with tcp-reset';

export const networkProbes: readonly Probe[] = [
  { name: 'iptables', script: onChain('iptables', drop) },
  { name: 'iptables statistic', script: onChain('iptables', statistic) },
  { name: 'iptables tcp-reset', script: onChain('iptables', reset) },
  { name: 'ip6tables', script: onChain('ip6tables', drop) },
  { name: 'ip6tables statistic', script: onChain('ip6tables', statistic) },
  { name: 'ip6tables tcp-reset', script: onChain('ip6tables', reset) },
  {
    name: 'qdisc htb',
    script: onLoopback(
      'tc qdisc add dev lo root handle 1: htb; tc class add dev lo parent 1: classid 1:1 htb rate 1mbit',
    ),
  },
  {
    name: 'qdisc tbf',
    script: onLoopback('tc qdisc add dev lo root tbf rate 1mbit burst 32kbit latency 400ms'),
  },
  { name: 'qdisc netem', script: onLoopback('tc qdisc add dev lo root netem delay 10ms') },
  {
    name: 'filter u32',
    script: onLoopback(`tc qdisc add dev lo root handle 1: htb
tc class add dev lo parent 1: classid 1:1 htb rate 1mbit
tc filter add dev lo parent 1: protocol ip u32 match ip dst 127.0.0.2/32 flowid 1:1`),
  },
];

/** Ten days ahead, as a program sees it that does not know, with the control file that a run uses. */
const movesTheDate = `
library=$(ls /usr/lib/*/faketime/libfaketime.so.1 | head -n 1)
file=$(mktemp); trap 'rm -f "$file"' EXIT
echo '+10d' > "$file"
right=$(date +%s)
bent=$(FAKETIME_TIMESTAMP_FILE="$file" FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 LD_PRELOAD="$library" node -p 'Math.round(Date.now() / 1000)')
echo "moved by $((bent - right)) s instead of 864000 s"
[ $((bent - right)) -gt 863000 ] && [ $((bent - right)) -lt 865000 ]`;

/** Larger than the volume it is written to. */
const fillsTheDisk = `
if words=$(dd if=/dev/zero of=/data/filling bs=1M count=16 2>&1); then rm -f /data/filling; echo 'it took more than its size'; exit 1; fi
rm -f /data/filling
case "$words" in *'No space left'*) ;; *) echo "$words"; exit 1 ;; esac`;

export const machineProbes: readonly Probe[] = [
  { name: 'libfaketime', script: movesTheDate },
  { name: 'size-limited volume', script: fillsTheDisk },
];
