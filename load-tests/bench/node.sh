# Sourced by the scripts beside it: starts a BenchNode on PORT and ends it with the script, makes wrk's bodies, and loads.
PORT=${PORT:-18000}
JAVA=${JAVA_HOME:+$JAVA_HOME/bin/}java
NODE_FLAGS="${CLIPPER_NODE_FLAGS:-$(sed -n 's/^NODE_FLAGS="${CLIPPER_NODE_FLAGS:-\(.*\)}"$/\1/p' clipper)}"
WORK=$(mktemp -d) || exit 2

# shellcheck disable=SC2086
"$JAVA" --enable-native-access=ALL-UNNAMED -Dsun.misc.unsafe.memory.access=allow $NODE_FLAGS \
  -cp 'load-tests/target/classes:cluster-config/target/clipper/lib/*' io.clipper.load.BenchNode "$WORK/data" "$PORT" >"$WORK/node.log" 2>&1 &
NODE=$!
trap 'kill $NODE 2>/dev/null; wait $NODE 2>/dev/null; rm -rf "$WORK"' EXIT
until grep -q '^ready' "$WORK/node.log"; do
  kill -0 $NODE 2>/dev/null || { cat "$WORK/node.log" >&2; exit 2; }
  sleep 0.2
done

# Two bodies of so many numbers: the same each time, and one whose first number is another each time.
bodies() { # name numbers
  local rest
  rest=$(awk -v n="$2" 'BEGIN { for (i = 1; i < n; i++) printf ",%d.%d", i % 16, i % 7 }')
  cat >"$WORK/$1-same.lua" <<LUA
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"input":[1.5$rest]}'
LUA
  cat >"$WORK/$1-other.lua" <<LUA
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local number = os.time() % 1000 * 10000000
request = function()
  number = number + 1
  return wrk.format("POST", nil, nil, '{"input":[' .. string.format("%d.5", number) .. '$rest]}')
end
LUA
}

# Requests answered in a second, p50 and p99, and how many were answered badly if any.
load() { # port application body connections seconds
  wrk -t1 -c"$4" -d"$5"s --latency -s "$WORK/$3.lua" "http://127.0.0.1:$1/$2/predict" | awk '
    /50%/ { p50 = $2 } /99%/ { p99 = $2 } /Non-2xx/ { bad = $NF } /Socket errors/ { bad = bad " " $0 } /Requests\/sec/ { rate = $2 }
    END { printf "%10d %s / %s%s\n", rate, p50, p99, bad ? "  bad: " bad : "" }'
}
