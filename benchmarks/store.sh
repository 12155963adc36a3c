#!/usr/bin/env bash
# The store beside Debian's etcd, in one run, by etcd's own load generator: put, range and transactions.
# Prints a Markdown table: requests per second, latency, and the server's CPU time per request.
#   benchmarks/store.sh [--quick]     --quick: a few seconds per case
set -euo pipefail
root=$(realpath "$(dirname "$0")/..")
total=60000
[[ ${1:-} == --quick ]] && total=15000
mainstay=${MAINSTAY_BUILD:-$("$root/eng/build")}/mainstay/mainstay
benchmark=$("$root/eng/etcd-benchmark")
work=$(mktemp -d)
pids=()
trap 'for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; rm -rf "$work"' EXIT

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

start_store() { # PORT
  "$mainstay" store --data-dir "$work/store" --listen-client "127.0.0.1:$1" \
    --listen-metrics "127.0.0.1:$(free_port)" >"$work/store.log" 2>&1 &
  pids+=($!)
}

start_etcd() { # PORT
  local peer
  peer=http://127.0.0.1:$(free_port)
  etcd --data-dir "$work/etcd" --listen-client-urls "http://127.0.0.1:$1" --advertise-client-urls "http://127.0.0.1:$1" \
    --listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" --initial-cluster "default=$peer" \
    >"$work/etcd.log" 2>&1 &
  pids+=($!)
}

wait_ready() { # PORT
  local i
  for i in $(seq 100); do
    ETCDCTL_API=3 etcdctl --endpoints "127.0.0.1:$1" endpoint status >/dev/null 2>&1 && return
    sleep 0.1
  done
  echo "the server on port $1 is not ready after 10 s" >&2
  exit 1
}

cpu_ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }

# Runs one case on one server: "requests-per-second p50-ms p99-ms cpu-us-per-request"
measure() { # PID PORT WORDS...
  local pid=$1 port=$2 before after output
  shift 2
  before=$(cpu_ticks "$pid")
  output=$("$benchmark" --endpoints="127.0.0.1:$port" "$@" 2>/dev/null)
  after=$(cpu_ticks "$pid")
  awk -v ticks=$((after - before)) -v hz="$(getconf CLK_TCK)" -v total="$cases_total" '
    /Requests\/sec:/ { rate = $2 }
    /50% in/ { p50 = $3 * 1000 }
    /99% in/ { p99 = $3 * 1000 }
    END { printf "%.0f %.2f %.2f %.1f\n", rate, p50, p99, ticks / hz * 1e6 / total }' <<<"$output"
}

store_port=$(free_port)
start_store "$store_port"
store_pid=${pids[-1]}
etcd_port=$(free_port)
start_etcd "$etcd_port"
etcd_pid=${pids[-1]}
wait_ready "$store_port"
wait_ready "$etcd_port"

row() { # NAME TOTAL WORDS...
  local name=$1 ours theirs
  cases_total=$2
  shift 2
  theirs=$(measure "$etcd_pid" "$etcd_port" "$@")
  ours=$(measure "$store_pid" "$store_port" "$@")
  awk -v name="$name" -v ours="$ours" -v theirs="$theirs" 'BEGIN {
    split(ours, o); split(theirs, t)
    printf "| %s | %d | %d | %.2f | %s / %s | %s / %s | %s | %s | %.2f |\n",
      name, o[1], t[1], o[1] / t[1], o[2], o[3], t[2], t[3], o[4], t[4], o[4] / t[4] }'
}

echo "| case | store, /s | etcd, /s | ratio | store p50 / p99, ms | etcd p50 / p99, ms | store CPU, us | etcd CPU, us | ratio |"
echo "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
put=(put --key-size=32 --val-size=256 --key-space-size=10000)
row "warm-up: put, 256 clients" "$total" "${put[@]}" --total="$total" --conns=16 --clients=256
row "put, 256 clients" "$total" "${put[@]}" --total="$total" --conns=16 --clients=256
row "put, 1 client" "$((total / 15))" "${put[@]}" --total="$((total / 15))" --conns=1 --clients=1
row "range, 64 clients" "$total" range key --total="$total" --conns=16 --clients=64 --consistency=l
row "txn-put, 64 clients" "$total" txn-put --txn-ops=4 --key-space-size=10000 --key-size=32 --val-size=256 \
  --total="$total" --conns=16 --clients=64

echo
echo "Memory after the run: store $(awk '/VmRSS/{print int($2/1024)}' "/proc/$store_pid/status") MiB," \
  "etcd $(awk '/VmRSS/{print int($2/1024)}' "/proc/$etcd_pid/status") MiB." \
  "$(nproc) cores shared by server and load generator."
