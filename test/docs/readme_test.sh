#!/usr/bin/env bash
# Does what README.md tells a newcomer to do, in a network namespace of its own, since `./dev run` has fixed ports: starts
# `./dev run`, waits until it has printed its commands, and runs the README's curl commands and those that `./dev run` prints.
#
# Exit status 77 (skipped) where no network namespace can be made.
set -euo pipefail

if [[ ${1:-} != --inside ]]; then
  unshare --net true 2>/dev/null || exit 77
  exec unshare --net "$0" --inside
fi

root=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
ip link set lo up
log=$(mktemp)
"$root/dev" run >"$log" 2>&1 &
run=$!

# shellcheck disable=SC2317 # called by the trap
cleanup() {
  kill -TERM "$run" 2>/dev/null || true
  wait "$run" 2>/dev/null || true
  rm -f "$log"
}
trap cleanup EXIT

ready=false
for _ in {1..600}; do
  # The last line that `./dev run` prints of itself.
  if grep --quiet 'Stop: Ctrl-C' "$log"; then
    ready=true
    break
  fi
  kill -0 "$run" 2>/dev/null || break
  sleep 0.2
done
if [[ $ready != true ]]; then
  echo "./dev run did not get ready:"
  cat "$log"
  exit 1
fi

# The commands of one line, a backslash at its end joining the next.
commands() { sed -e ':join' -e '/\\$/{N;s/\\\n *//;b join' -e '}' "$1" | sed -n 's/^ *\(curl .*127\.0\.0\.1:7401.*\)$/\1/p'; }

failed=0 count=0
while read -r command; do
  count=$((count + 1))
  status=$(bash -c "$command --silent --output /dev/null --write-out '%{http_code}'")
  echo "$status  $command"
  [[ $status == 200 ]] || failed=1
done < <(commands "$root/README.md"; commands "$log")

if ((count < 4)); then
  echo "expected one command in README.md and three from ./dev run, found $count"
  failed=1
fi
exit "$failed"
