#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# Installs the Debian packages that building and testing need; without root, names the command.
set -eu
packages="g++ make libuv1-dev libsqlitecpp-dev libsqlite3-dev sqlite3 rapidjson-dev libsodium-dev libre2-dev catch2 node-llhttp
  libspdlog-dev libfmt-dev ccache curl iproute2 busybox-static procps"
missing=""
for package in $packages; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
install="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" != 0 ]; then
  echo "missing packages; run: sudo $install" >&2
  exit 1
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
$install >/dev/null
