#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# DESTDIR and PREFIX are obeyed, and what is installed runs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
make -s install DESTDIR="$root" PREFIX=/opt/tct
[ "$(find "$root" -type f | wc -l)" -eq 5 ]
"$root/opt/tct/sbin/tcpclose-trace" --version
