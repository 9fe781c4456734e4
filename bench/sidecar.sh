# shellcheck shell=bash disable=SC2034
# For the scripts beside it: starts processes on cores of their own, ends them with the script, and knows how much memory and
# CPU time they have used.

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
build=$root/build/release
load_core=0
proxy_core=$(($(nproc) - 1))
owner_port=18081 usher_port=18083 admin_port=18084
work=$(mktemp -d)
pids=()

stop_all() {
  if ((${#pids[@]} > 0)); then
    kill "${pids[@]}" 2>/dev/null || true
    wait "${pids[@]}" 2>/dev/null || true
  fi
  pids=()
  rm -f "$work"/log.*
}
trap 'stop_all; rm -rf "$work"' EXIT

cpu_ns() { cat /proc/"$1"/task/*/schedstat | awk '{ sum += $1 } END { printf "%.0f", sum }'; }
rss_kib() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }

# start CORE COMMAND...: leaves the process's id in $started.
start() {
  local core=$1
  shift
  taskset -c "$core" "$@" >"$work/log.${#pids[@]}" 2>&1 &
  started=$!
  pids+=("$started")
}

wait_for_port() {
  for _ in {1..100}; do
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return; fi
    sleep 0.05
  done
  echo "bench: nothing listens on port $1" >&2
  cat "$work"/log.* >&2
  exit 1
}

# start_usher MEMBERS: the shipped configuration on our ports, with MEMBERS in usher.json, in front of the bare owner. Leaves
# the process's id in $usher_pid.
start_usher() {
  cp -rT "$root/config" "$work/config"
  sed -i "0,/{/s/{/{ $1/" "$work/config/usher.json"
  sed -i "s/127.0.0.1:7401/127.0.0.1:$usher_port/; s/127.0.0.1:7400/127.0.0.1:$admin_port/" "$work/config/usher.json"
  export USHER_CONSUMER=payment-service TICKET_SERVICE_ADDRESS=http://127.0.0.1:$owner_port
  INTERNAL_SERVICE_SECRET=$(openssl rand -hex 32)
  S2S_PRIVATE_KEY=$(openssl genrsa 2048 2>/dev/null)
  export INTERNAL_SERVICE_SECRET S2S_PRIVATE_KEY
  start "$load_core" "$build/bench/bare_owner" "$owner_port"
  start "$proxy_core" "$build/usher" run --config "$work/config"
  usher_pid=$started
  wait_for_port "$owner_port"
  wait_for_port "$usher_port"
}
