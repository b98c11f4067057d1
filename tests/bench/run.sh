#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# bench: prints the table and what changed against the saved baseline; bench-save: makes it the baseline;
# bench-compare: measures the agent named by PEER too.
set -eu
mode=$1
baseline=build/bench.baseline
table=build/bench.table
rm -f "$table"
echo "$(uname -srm), $(nproc) processors, load $(cut -d' ' -f1-3 /proc/loadavg)"
echo "mean +- deviation [95 % range of the mean]"
BENCH_TABLE=$table NOMAD_BIN=${NOMAD_BIN:-$PWD/build/nomad} build/release/nomad-load
BENCH_TABLE=$table build/release/bench --benchmark-samples 30
case $mode in
  bench-save) cp "$table" "$baseline"; echo "saved as the baseline" ;;
  bench-compare)
    [ -n "${PEER:-}" ] || { echo "PEER=/path/to/agent is not set" >&2; exit 1; }
    echo "--- $PEER"
    NOMAD_BIN=$PEER build/release/nomad-load start idle register tasks ;;
  *) if [ -f "$baseline" ]; then awk -f tests/bench/changes.awk "$baseline" "$table"; fi ;;
esac
