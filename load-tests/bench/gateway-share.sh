#!/usr/bin/env bash
# What predictions cost beside a constant answer of the same HTTP server, in turns, by wrk (Debian's package of that name).
# Usage: load-tests/bench/gateway-share.sh [TURNS], after a build. Exits 1 where a ratio of medians is missed. JAVA_HOME names a JDK 21 or later.
set -u
cd "$(dirname "$0")/../.." || exit 2
TURNS=${1:-7}
WARM_UP=${WARM_UP:-60}
CONNECTIONS=${CONNECTIONS:-32}
. load-tests/bench/node.sh
bodies ten 10

# Requests answered in so many seconds, and the server's processor time for each in µs.
measure() { # port script seconds
  local before after requests
  before=$(awk '{ print $14 + $15 }' /proc/$NODE/stat)
  requests=$(wrk -t1 -c"$CONNECTIONS" -d"$3"s -s "$WORK/ten-$2.lua" "http://127.0.0.1:$1/noop/predict" | awk '/requests in/ { print $1 }')
  after=$(awk '{ print $14 + $15 }' /proc/$NODE/stat)
  awk -v r="$requests" -v s="$3" -v ticks=$((after - before)) 'BEGIN { printf "%d %.1f\n", r / s, ticks * 10000 / r }'
}

for _ in $(seq $((WARM_UP / 20))); do
  for script in same other; do
    measure "$PORT" $script 8 >/dev/null
    measure $((PORT + 1)) $script 2 >/dev/null
  done
done
printf '%-5s %-22s %-22s %-22s %-22s\n' turn 'constant, same' hits 'constant, other' misses
for turn in $(seq "$TURNS"); do
  line=()
  for script in same other; do
    for port in $((PORT + 1)) "$PORT"; do
      line+=("$(measure "$port" $script 3)")
    done
  done
  printf '%-5s' "$turn"
  printf ' %-6s/s %-5s µs      ' ${line[@]}
  echo
  echo "${line[*]}" >>"$WORK/turns"
done
awk '
  function median(values, n,   sorted, i, j, v) {
    for (i = 1; i <= n; i++) { v = values[i]; for (j = i - 1; j > 0 && sorted[j] > v; j--) sorted[j + 1] = sorted[j]; sorted[j + 1] = v }
    return n % 2 ? sorted[(n + 1) / 2] : (sorted[n / 2] + sorted[n / 2 + 1]) / 2
  }
  { hits[NR] = $3 / $1; misses[NR] = $7 / $5 }
  END {
    h = median(hits, NR); m = median(misses, NR)
    printf "of the constant, median of %d turns: hits %.1f %% (wanted 92), misses %.1f %% (wanted 80)\n", NR, 100 * h, 100 * m
    exit !(h >= 0.92 && m >= 0.80)
  }' "$WORK/turns"
