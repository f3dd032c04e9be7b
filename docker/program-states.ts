// Shell text that asks about, and acts on, the process group of a node's program within its machine.

import type { ProgramState, Signal } from '../harness/environment.ts';

/** Prints the state letters of the group's processes; reads /proc, since images lack `ps`. */
function letters(group: number): string {
  return `letters=
for stat in /proc/[0-9]*/stat; do
  read -r line < "$stat" || continue
  rest=\${line##*) }
  set -- $rest
  [ "$3" = ${group} ] || continue
  case $1 in Z|X) ;; *) letters="$letters$1" ;; esac
done 2>/dev/null`;
}

/** A script that prints the state. */
export function stateScript(group: number): string {
  return `${letters(group)}\necho "$letters"`;
}

export function parseState(output: string): ProgramState {
  const found = output.trim();
  if (found === '') return 'dead';
  return /^[Tt]+$/.test(found) ? 'paused' : 'running';
}

const wished: Readonly<Record<Signal, string>> = {
  SIGKILL: '""',
  SIGTERM: '""',
  SIGINT: '""',
  SIGSTOP: 'T*',
  SIGCONT: '[!T]*',
};

/** A script that signals the group, waits until the change is seen or `limitMs` are over, and prints the state. */
export function signalScript(group: number, signal: Signal, limitMs: number): string {
  const rounds = Math.ceil(limitMs / 20);
  return `kill -${signal.slice(3)} -${group} || exit 1
round=0
while [ $round -lt ${rounds} ]; do
${letters(group)}
  case "$letters" in ${wished[signal]}) break ;; esac
  sleep 0.02
  round=$((round + 1))
done
echo "$letters"`;
}
