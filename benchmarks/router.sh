#!/usr/bin/env bash
# ./bench router [--quick]: our router (ahead-of-time compiled) beside Debian's haproxy and nginx, in one run.
# Each proxy has one thread on core 1; the load (wrk) and the origin (nginx, a small fixed body) have core 0. All three
# carry the same keep-alive HTTP/1.1 to the same origin, over pooled connections. Rounds are interleaved, so that what
# else the machine does hits all alike; the table shows medians. CPU time is user + system of the proxy's processes from
# /proc/PID/stat, for the requests that wrk counted. The number to look at is CPU per request: the rate also depends on
# how much of core 0 the load generator needs.
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=5 seconds=4 connections=64
[[ ${1:-} == --quick ]] && rounds=3 seconds=2
for need in haproxy nginx wrk taskset curl; do
  command -v "$need" >/dev/null || { echo "benchmarks/router.sh: $need is missing; apt-get install haproxy nginx-light wrk" >&2; exit 3; }
done
(($(nproc) >= 2)) || { echo "benchmarks/router.sh: two cores are needed: one for the proxy, one for the load" >&2; exit 3; }

dir=$(mktemp -d -t mainstay-bench-router-XXXXXX)
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$dir"
}
trap cleanup EXIT

binary=${MAINSTAY_ROUTER:-${MAINSTAY_BUILD:-$dir/none}/router/mainstay-router}
if [[ ! -x $binary ]]; then
  echo "building mainstay-router ahead of time ..." >&2
  dotnet publish src/Mainstay.Router.Host -c Release -r linux-x64 -v q --nologo -o "$dir/aot" >&2
  binary=$dir/aot/mainstay-router
fi

free_port() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }
origin=$(free_port) ours=$(free_port) admin=$(free_port) hap=$(free_port) ngx=$(free_port)
body=$(printf 'x%.0s' {1..128})
common="daemon off; error_log $dir/nginx.log; worker_processes 1;"
temp="client_body_temp_path $dir/t1; proxy_temp_path $dir/t2; fastcgi_temp_path $dir/t3; uwsgi_temp_path $dir/t4; scgi_temp_path $dir/t5;"

cat >"$dir/origin.conf" <<C
$common pid $dir/origin.pid; events { worker_connections 4096; }
http { access_log off; keepalive_requests 1000000000; keepalive_timeout 600s; $temp
  server { listen 127.0.0.1:$origin; location / { return 200 "$body"; } } }
C
cat >"$dir/nginx.conf" <<C
$common pid $dir/proxy.pid; events { worker_connections 4096; }
http { access_log off; keepalive_requests 1000000000; keepalive_timeout 600s; $temp
  upstream origin { server 127.0.0.1:$origin; keepalive 256; keepalive_requests 1000000000; }
  server { listen 127.0.0.1:$ngx;
    location / { proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host \$host; } } }
C
cat >"$dir/haproxy.cfg" <<C
global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend calls
  bind 127.0.0.1:$hap
  use_backend origin
backend origin
  balance random(2)
  server one 127.0.0.1:$origin pool-max-conn 256
C
cat >"$dir/table.json" <<C
{"services":[{"namespace":"default","name":"origin","ports":[{"name":"http","port":80,
 "endpoints":[{"address":"127.0.0.1","port":$origin}]}]}]}
C

taskset -c 0 nginx -c "$dir/origin.conf" & pids+=($!)
taskset -c 1 nginx -c "$dir/nginx.conf" & pids+=($!); nginx_pid=$!
taskset -c 1 haproxy -f "$dir/haproxy.cfg" -db >"$dir/haproxy.log" 2>&1 & pids+=($!); haproxy_pid=$!
taskset -c 1 "$binary" --table "$dir/table.json" --listen "127.0.0.1:$ours" --admin "127.0.0.1:$admin" \
  >"$dir/router.log" 2>&1 & pids+=($!); ours_pid=$!

for port in "$origin" "$ours" "$hap" "$ngx"; do
  for _ in {1..100}; do
    curl -sf -o /dev/null -H 'Host: origin' "http://127.0.0.1:$port/" && break
    read -rt 0.1 <> <(:) || true
  done
  curl -sf -o /dev/null -H 'Host: origin' "http://127.0.0.1:$port/" || { echo "nobody answers on $port" >&2; cat "$dir"/*.log >&2; exit 1; }
done

tree() { echo "$1"; pgrep -P "$1" || true; }
ticks() { local sum=0 pid; for pid in $(tree "$1"); do sum=$((sum + $(awk '{print $14+$15}' "/proc/$pid/stat"))); done; echo "$sum"; }
memory() { local sum=0 pid; for pid in $(tree "$1"); do sum=$((sum + $(awk '/^VmRSS/{print $2}' "/proc/$pid/status"))); done; echo "$sum"; }

# measure NAME PORT PID: a line "rate microseconds-of-CPU-per-request p99" into NAME's file
measure() {
  local before after out requests
  before=$(ticks "$3")
  out=$(taskset -c 0 wrk -t1 -c"$connections" -d"${seconds}s" --latency -H 'Host: origin' -H 'Accept: application/json' \
    -H 'User-Agent: bench/1' -H 'X-Request-Id: 0123456789abcdef' "http://127.0.0.1:$2/")
  after=$(ticks "$3")
  if grep -q 'Non-2xx\|Socket errors' <<<"$out"; then echo "$1: $out" >&2; exit 1; fi
  requests=$(awk '/requests in/{print $1}' <<<"$out")
  awk -v r="$requests" -v t="$((after - before))" -v hz="$(getconf CLK_TCK)" -v out="$out" 'BEGIN {
    match(out, /Requests\/sec: +[0-9.]+/); split(substr(out, RSTART, RLENGTH), a, / +/);
    match(out, /99% +[0-9.a-z]+/); split(substr(out, RSTART, RLENGTH), b, / +/);
    printf "%s %.3f %s\n", a[2], t / hz * 1e6 / r, b[2] }' >>"$dir/$1.result"
}

median() { sort -n | awk '{v[NR]=$1} END {print NR % 2 ? v[(NR+1)/2] : (v[NR/2]+v[NR/2+1])/2}'; }

declare -A port=([mainstay-router]=$ours [haproxy]=$hap [nginx]=$ngx)
declare -A pid=([mainstay-router]=$ours_pid [haproxy]=$haproxy_pid [nginx]=$nginx_pid)
names=(mainstay-router haproxy nginx)
for name in "${names[@]}"; do wrk -t1 -c"$connections" -d1s -H 'Host: origin' "http://127.0.0.1:${port[$name]}/" >/dev/null; done
for ((round = 0; round < rounds; round++)); do
  for name in "${names[@]}"; do measure "$name" "${port[$name]}" "${pid[$name]}"; done
done

reference=$(awk '{print $2}' "$dir/haproxy.result" | median)
echo "| proxy, one core | CPU per request (us) | of haproxy's | requests/s | p99 of the last round | memory (MiB) |"
echo "| --- | --- | --- | --- | --- | --- |"
for name in "${names[@]}"; do
  cpu=$(awk '{print $2}' "$dir/$name.result" | median)
  rate=$(awk '{print $1}' "$dir/$name.result" | median)
  label=$name
  [[ $name == haproxy ]] && label="haproxy $(haproxy -v | awk 'NR==1{print $3}' | cut -d- -f1)"
  [[ $name == nginx ]] && label="nginx $(nginx -v 2>&1 | cut -d/ -f2)"
  awk -v n="$label" -v c="$cpu" -v ref="$reference" -v r="$rate" -v p="$(tail -1 "$dir/$name.result" | awk '{print $3}')" \
    -v m="$(memory "${pid[$name]}")" 'BEGIN { printf "| %s | %.1f | %.2f | %d | %s | %.1f |\n", n, c, c / ref, r, p, m / 1024 }'
done
echo
echo "$rounds rounds of ${seconds} s, $connections connections, a body of ${#body} bytes; $(nproc) cores; medians."
