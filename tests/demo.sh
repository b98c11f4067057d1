#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# What a newcomer sees first: a dev agent in a directory of its own runs a web server and a batch job,
# shows what it knows of them, and leaves nothing behind. Usage: tests/demo.sh <nomad binary>
set -eu
nomad=$1
here=$(dirname "$0")/demo
work=$(mktemp -d build/demo.XXXXXX)
work=$(cd "$work" && pwd)
port=$((20000 + $$ % 10000))
export NOMAD_ADDR="http://127.0.0.1:$port"
agent=""

finish() {
  code=$?
  trap - EXIT INT TERM
  if [ -n "$agent" ]; then
    kill -INT "$agent" 2>/dev/null || true
    wait "$agent" 2>/dev/null || true
  fi
  [ "$code" = 0 ] || { echo "demo failed; the agent said:" >&2; tail -n 40 "$work/agent.log" >&2; }
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT INT TERM

# Polls until the command succeeds, for ten seconds at most.
await() {
  what=$1; shift
  for _ in $(seq 200); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.05
  done
  echo "waited in vain: $what" >&2
  return 1
}
show() { echo; echo "\$ $*"; "$@"; }
sql() { echo; echo "\$ sqlite3 state.db \"$1\""; sqlite3 -header -column "$work/data/server/state.db" "$1"; }
id_of() { sqlite3 "$work/data/server/state.db" "select id from allocations where job_id = '$1' order by create_index desc limit 1"; }
field() { "$nomad" alloc status -json "$(id_of web)" | sed -n 's/.*"Value": \([0-9][0-9]*\).*/\1/p' | head -n 1; }
answers() { curl -sf "http://127.0.0.1:$(field)/" ; }
done_batch() { [ "$(sqlite3 "$work/data/server/state.db" "select status from allocations where job_id = 'primes'")" = complete ]; }

cat >"$work/agent.hcl" <<CONFIG
ports { http = $port rpc = $((port + 1)) serf = $((port + 2)) }
CONFIG
"$nomad" agent -dev -config "$work/agent.hcl" -data-dir "$work/data" >"$work/agent.log" 2>&1 &
agent=$!
await "the agent answers" "$nomad" node-status
node_ready() { "$nomad" node-status | grep -q ' ready$'; }
await "the node is ready" node_ready

show "$nomad" run "$here/web.nomad"
show "$nomad" run "$here/primes.nomad"
page() { mkdir -p "$work" && curl -s -o "$work/page" -w '%{http_code}' "http://127.0.0.1:$(field)/" | grep -Eq '200|404'; }
await "the web server answers on its port" page
await "the batch job is complete" done_batch
echo; echo "the web server answers on port $(field)"

show "$nomad" node-status
show "$nomad" status web
show "$nomad" alloc-status "$(id_of web)"
sql "select id, name, status from nodes"
sql "select job_id, name, desired, status from allocations"
sql "select job_id, triggered_by, status from evaluations"
echo; echo "demo done"
