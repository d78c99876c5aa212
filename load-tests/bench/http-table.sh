#!/usr/bin/env bash
# Requests a second, p50 and p99 of predictions beside a constant answer of the same HTTP server, by wrk, with 1, 32, 128 and 512 connections: a no-op
# model of 10 and of 784 doubles and the five models of `digits`, known inputs and new ones. Percentiles are of SECONDS (30) on connections that
# are open already for most of them, after WARM_UP seconds (60) of all the cases. JAVA_HOME names a JDK 21 or later.
set -u
cd "$(dirname "$0")/../.." || exit 2
. load-tests/bench/node.sh
SECONDS_EACH=${SECONDS_EACH:-30}

# name, path, body length in numbers, largest number
for case in "ten noop 10 1" "wide noop 784 1" "digits digits 64 16"; do
  # shellcheck disable=SC2086
  set -- $case
  bodies "$1" "$3"
done
for _ in $(seq $((${WARM_UP:-60} / 12))); do
  for case in ten:noop wide:noop digits:digits; do
    for body in same other; do load "$PORT" "${case#*:}" "${case%:*}-$body" 32 2 >/dev/null; done
  done
done
printf '%-32s %10s %10s %10s\n' case connections req/s 'p50 / p99'
for case in ten:noop wide:noop digits:digits; do
  for body in same other; do
    for connections in ${CONNECTIONS:-1 32 128 512}; do
      for port in $((PORT + 1)) "$PORT"; do
        what=$([ "$port" = "$PORT" ] && { [ $body = same ] && echo hits || echo misses; } || echo constant)
        printf '%-32s %10s %s\n' "${case%:*}, $body input, $what" "$connections" "$(load "$port" "${case#*:}" "${case%:*}-$body" "$connections" "$SECONDS_EACH")"
      done
    done
  done
done
