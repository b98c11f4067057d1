#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# Every lint check; fails if one of them does. Ends with "N passed, N failed" like the tests.
cd "$(dirname "$0")/../.." || exit 1
passed=0
failed=0
check() { if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "failed: $*"; fi; }
check sh tests/lint/includes.sh
check sh tests/lint/banned.sh
spdx() { ! grep -rL 'SPDX-License-Identifier' core store net agent cli tests --include='*.h' --include='*.cpp' --include='*.sh' | grep .; }
check spdx
readmes() { bad=0; for d in $(find core store net agent cli tests docs -type d -not -path '*/data*' -not -path 'docs/*' -not -path 'tests/*/*'); do
  [ -n "$(find "$d" -maxdepth 1 -name '*.h' -o -maxdepth 1 -name '*.cpp' | head -n 1)" ] || continue
  [ -f "$d/README.md" ] || { echo "$d has no README.md"; bad=1; }; done; return $bad; }
check readmes
sh tests/lint/sizes.sh
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
