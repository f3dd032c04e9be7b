// What runs in a node's container besides its program: a shell that does what it reads, in any image that has `sh`,
// `base64` and `setsid`. It lives as long as its input, and the container as long as it: when the controller is gone,
// the engine closes the input.
//
// Input: `<id> run <base64>`, `<id> start <base64>`, `0 keep -`. Output: `out <id> <base64>` and `done <id>` for run (what the
// script printed, then a line `status N`); `started <id> <pid>` and `ended <id> <pid> <status>` for start. Lines are
// shorter than a pipe's atomic write, so that those of several subshells do not mix.

export const machineScript = `
say() { printf '%s\\n' "$1"; }
decoded() { printf %s "$1" | base64 -d; }
kept=
begin='printf "started %s %s\\n" "$1" "$$" >&3; exec 3>&-; eval "$2"'
while IFS=' ' read -r id kind body; do
  case $kind in
  run) (
    { sh -c "$(decoded "$body")" </dev/null 2>&1; printf '\\nstatus %s' "$?"; } | base64 -w 2000 | {
      while read -r chunk; do say "out $id $chunk"; done
      [ -z "$chunk" ] || say "out $id $chunk"
    }
    say "done $id"
  ) & ;;
  start) (
    setsid sh -c "$begin" sh "$id" "$(decoded "$body")" </dev/null 3>&1 >&2 &
    pid=$!
    { wait "$pid"; } 2>/dev/null
    say "ended $id $pid $?"
  ) & ;;
  keep) kept=yes ;;
  esac
done
[ -n "$kept" ] || exit 0
while :; do sleep 3600; done
`;
