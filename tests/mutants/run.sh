#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# Puts each bug of tests/mutants into a copy of the files it touches, links a simulator with them and runs
# seeds until one fails. Prints a table row for each bug, then "N passed, N failed"; a bug that no seed finds
# and a patch that does not apply are failures. Called by `make mutants`, which sets CXX, CXXFLAGS, LDFLAGS,
# LIBS, OBJECTS (all that the simulator is linked of) and OUT (where to build).
seeds=${SEEDS:-2000}
jobs=${JOBS:-$(nproc)}
passed=0
failed=0

# The bug's object stands before the archives, which then need not give theirs.
build() {
  objects=$OBJECTS
  new=
  for file in $(sed -n 's,^+++ b/,,p' "$patch"); do
    mkdir -p "$dir/$(dirname "$file")"
    cp "$file" "$dir/$file" || return 1
    new="$new $dir/${file%.cpp}.o"
    objects=$(echo " $objects " | sed "s, $OUT/${file%.cpp}.o , ,")
  done
  patch -s -F0 -p1 -d "$dir" <"$patch" || return 1
  for object in $new; do
    $CXX $CXXFLAGS -Wno-error -c "${object%.o}.cpp" -o "$object" || return 1
  done
  $CXX $LDFLAGS $new $objects $LIBS -o "$dir/sim"
}

# What the first failing seed said, as table cells "seed | words".
verdict() {
  line=$(grep -m 1 '^seed [0-9]*: ' "$dir/out")
  seed=${line%%:*}
  words=${line#*: }
  echo "${seed#seed } | $(echo "$words" | sed 's,.*/mutants/[^/]*/,,')"
}

echo "| bug | servers | seed | what spoke |"
echo "|---|---|---|---|"
for patch in tests/mutants/*.patch; do
  name=$(basename "$patch" .patch)
  case $name in *"$MUTANT"*) ;; *) continue ;; esac
  dir=$OUT/mutants/$name
  rm -rf "$dir"
  mkdir -p "$dir"
  servers=$(sed -n 's/^Servers: //p' "$patch")
  members=$(sed -n 's/^Members: //p' "$patch")
  if ! build >"$dir/build" 2>&1; then
    echo "| $name | ${servers:-gossip} | - | does not apply or build, see $dir/build |"
    failed=$((failed + 1))
  elif "$dir/sim" ${members:+--gossip} --servers "${servers:-$members}" --seeds "$seeds" --jobs "$jobs" --failures 1 --shrink 0 >"$dir/out" 2>"$dir/err"; then
    echo "| $name | ${servers:-gossip} | - | **not found** by $seeds seeds |"
    failed=$((failed + 1))
  else
    echo "| $name | ${servers:-gossip} | $(verdict) |"
    passed=$((passed + 1))
    rm -f "$dir/sim"
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
