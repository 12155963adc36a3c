#!/usr/bin/env bash
# From './mainstay up' (already built) to the first payment, and the memory of each part. --quick: one run instead of three.
set -euo pipefail
root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
runs=3
[[ ${1:-} == --quick ]] && runs=1
data=$(mktemp -d)
trap '"$root/mainstay" down --data "$data" >/dev/null 2>&1 || true; rm -rf "$data" "$data.log"' EXIT
offset=(--port-offset 23000 --node-offset 200)
seconds=()
for ((run = 1; run <= runs; run++)); do
  started=$(date +%s.%N)
  "$root/mainstay" up --detach --nodes 3 --zones 3 --data "$data" "${offset[@]}" >"$data.log"
  pay=$(grep '^curl ' "$data.log")
  until answer=$(bash -c "$pay -f" 2>/dev/null) && [[ $answer == *booked* ]]; do :; done
  ended=$(date +%s.%N)
  seconds+=("$(echo "$ended $started" | awk '{printf "%.1f", $1 - $2}')")
  [[ $run == "$runs" ]] || { "$root/mainstay" down --data "$data" >/dev/null; rm -rf "${data:?}"/*; }
done
echo "up to first payment, 3 nodes, 3 zones, the bank: ${seconds[*]} s"
echo
echo "| part | processes | memory (PSS), MiB in all |"
echo "| --- | --- | --- |"
pss() { awk '/^Pss:/ {print $2}' "/proc/$1/smaps_rollup" 2>/dev/null || echo 0; }
declare -A count memory
for folder in /proc/[0-9]*; do
  pid=${folder#/proc/}
  words=$(tr '\0' ' ' <"$folder/cmdline" 2>/dev/null || true)
  [[ $words == *"$data"* || $(readlink "$folder/cwd" 2>/dev/null) == "$data"* ]] || continue
  case $words in
    *"mainstay-router "* | *"mainstay router "*) part=router ;;
    *"mainstay store "*) part=store ;;
    *"mainstay api "*) part='API server' ;;
    *"mainstay controllers "*) part=controllers ;;
    *"mainstay console "*) part=console ;;
    *"mainstay node "*) part='node agent' ;;
    *"mainstay up "*) part=up ;;
    *bank*) part="bank (all services)" ;;
    *) continue ;;
  esac
  count[$part]=$((${count[$part]:-0} + 1))
  memory[$part]=$((${memory[$part]:-0} + $(pss "$pid")))
done
for part in "${!count[@]}"; do
  echo "| $part | ${count[$part]} | $((${memory[$part]} / 1024)) |"
done | sort
