#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# Runs each test program given, shows what it prints, and adds up their last lines into one:
# "N passed, N failed". Lines "skipped: reason" are shown again before it.
passed=0
failed=0
out=$(mktemp)
skips=$(mktemp)
trap 'rm -f "$out" "$skips"' EXIT
for program in "$@"; do
  echo "== $(basename "$program")"
  "$program" >"$out" 2>&1
  code=$?
  cat "$out"
  grep '^skipped: ' "$out" >>"$skips"
  line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$out" | tail -n 1)
  if [ -z "$line" ]; then
    echo "$(basename "$program") ended with status $code and no summary"
    failed=$((failed + 1))
    continue
  fi
  passed=$((passed + ${line%% passed*}))
  bad=${line##*passed, }
  bad=${bad%% failed*}
  [ "$code" = 0 ] || [ "$bad" != 0 ] || bad=1
  failed=$((failed + bad))
done
sort -u "$skips"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
