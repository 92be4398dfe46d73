#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# tests/serve/page/check.sh [NAME]...: the page in a headless Chromium, in a network of its own. One
# verdict a line as scripts/test prints them; exits 1 when one is FAIL. PAGE_PICTURE=FILE keeps the
# picture of a leaking host that the README shows.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../../.." && pwd)

for need in chromium python3; do
	command -v "$need" >/dev/null || { echo "skip page: $need is not installed"; exit 0; }
done
# shellcheck disable=SC2016 # the inner shell expands it
exec unshare --net sh -c 'ip link set lo up && exec "$@"' sh \
	python3 -B "$here/run.py" "$top" "$@"
