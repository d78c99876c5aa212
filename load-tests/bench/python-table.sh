#!/usr/bin/env bash
# Requests a second, p50 and p99 of a no-op Python function in a worker, no input twice, by wrk, as those of the original were measured, which are
# below. Usage: load-tests/bench/python-table.sh, after a build. Exits 1 where a case has less than twice the original's. WARM_UP and
# SECONDS_EACH as in http-table.sh. JAVA_HOME names a JDK 21 or later.
set -u
cd "$(dirname "$0")/../.." || exit 2
. load-tests/bench/node.sh
SECONDS_EACH=${SECONDS_EACH:-30}

./clipper deploy noop-python model-worker/python/benchmarks/noop.py:predict --input-type doubles --app python --slo 100ms --default -1 \
  --admin "http://127.0.0.1:$((PORT + 2))" >"$WORK/deploy.log" 2>&1 || { cat "$WORK/deploy.log" >&2; exit 2; }
bodies ten 10
bodies wide 784
for _ in $(seq $((${WARM_UP:-60} / 12))); do
  for case in ten wide; do load "$PORT" python $case-other 32 6 >/dev/null; done
done
printf '%-8s %11s %-36s %s\n' body connections 'req/s, p50 / p99' 'the original, times'
missed=0
# name, connections, the most of the original's Python containers
for case in "ten 1 620" "ten 32 5600" "ten 128 12600" "ten 512 7400" "wide 1 630" "wide 32 4400" "wide 128 5000" "wide 512 4700"; do
  # shellcheck disable=SC2086
  set -- $case
  measured=$(load "$PORT" python "$1-other" "$2" "$SECONDS_EACH")
  awk -v body="$1" -v connections="$2" -v measured="$measured" -v original="$3" 'BEGIN {
    split(measured, words, " ")
    printf "%-8s %11s %-36s %s, %.1f\n", body, connections, measured, original, words[1] / original
    exit words[1] < 2 * original
  }' || missed=1
done
exit $missed
