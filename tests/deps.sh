#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# Installs the Debian packages that building and testing need; without root, names the command. What only makes
# servers faster is installed too where that is possible.
set -eu
packages="g++ make libuv1-dev libsqlitecpp-dev libsqlite3-dev sqlite3 rapidjson-dev libsodium-dev libre2-dev catch2 node-llhttp
  libspdlog-dev libfmt-dev ccache curl iproute2 busybox-static procps"
faster="libmimalloc2.0"

missing() {
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || printf ' %s' "$package"
  done
}

needed=$(missing $packages)
wanted=$(missing $faster)
[ -n "$needed$wanted" ] || exit 0
install="apt-get install -y --no-install-recommends"
if [ "$(id -u)" != 0 ]; then
  [ -n "$needed" ] || exit 0
  echo "missing packages; run: sudo $install$needed" >&2
  exit 1
fi
echo "installing:$needed$wanted"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || [ -z "$needed" ]
[ -z "$needed" ] || $install $needed >/dev/null
[ -z "$wanted" ] || $install $wanted >/dev/null || echo "servers are slower without:$wanted"
