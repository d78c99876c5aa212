# Runs a command for as long as standard input is open, which ends with the node in whatever way the node ends. The command is asked to end then,
# and made to when it has not within so many seconds; what it has started ends with it.
# usage: sh -c THIS clipper SECONDS PROGRAM [ARGUMENT…]
seconds=$1
shift
trap '' INT HUP # a terminal's, which sends them to the node too
exec 3<&0
"$@" </dev/null 3<&- &
command=$!
{
  while read -r line; do :; done
  kill -TERM "$command"
  sleep "$seconds"
  kill -KILL "$command"
} <&3 3<&- >/dev/null 2>&1 &
watch=$!
exec 3<&-
trap '' PIPE # what it says itself of a command that was killed has no reader when the node is gone
wait "$command"
status=$?
kill -KILL "$watch" 2>/dev/null
if [ -n "$CLIPPER_WORKER" ]; then
  for file in $(grep -lszF "CLIPPER_WORKER=$CLIPPER_WORKER" /proc/[0-9]*/environ 2>/dev/null); do
    process=${file#/proc/}
    process=${process%/environ}
    [ "$process" = $$ ] || kill -KILL "$process" 2>/dev/null
  done
fi
exit "$status"
