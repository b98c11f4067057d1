#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# Determinism: no clock, randomness, environment or unordered output in core and store/state; no
# exceptions of our own anywhere; no sleeping in tests but integration's polling.
bad=0
forbid() { # pattern, message, places...
  pattern=$1; message=$2; shift 2
  if grep -rnE "$pattern" "$@" --include='*.h' --include='*.cpp' 2>/dev/null | grep -vE '^[^:]+:[0-9]+: *//'; then
    echo "^ $message"; bad=1
  fi
}
forbid '(steady|system|high_resolution)_clock|gettimeofday|clock_gettime|[^_a-z]time\(nullptr|\brand\(|random_device|mt19937|getenv|std::unordered_' \
  'core and store/state are deterministic: time and randomness come in as arguments' core store/state
forbid '\bthrow\b|\bcatch *\(' 'errors are values (store/sqlite.cpp turns SQLiteCpp exceptions into them)' \
  core net agent cli store/log store/snapshot store/state store/client_state
forbid 'sleep_for|\busleep\(|\bsleep\(' 'no sleeping as synchronisation' core store net agent cli tests/unit tests/sim tests/support
forbid 'using namespace std;' 'name it' core store net agent cli tests
exit $bad
