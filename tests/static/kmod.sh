#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# tests/static/kmod.sh [KDIR]: the module builds for KDIR's kernel without a word from the compiler
# (W=1) or sparse, and is small; checkpatch too, where CHECKPATCH says where it is.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
kdir=${1:-/lib/modules/$(uname -r)/build}
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

# the version skew is as long as it has to be, and the test build is no part of the module
lines=$(cat kmod/*.[ch] | wc -l)
apart=$(cat kmod/compat.h kmod/inject.[ch] | wc -l)
[ $((lines - apart)) -lt 500 ] || { echo "kmod/ has $((lines - apart)) lines"; exit 1; }

for inject in '' 1; do
	# cmd_checkdoc: W=1 wants kernel-doc, which needs more than the headers
	make -s kmod KDIR="$kdir" BUILD="$build" INJECT=$inject \
		KMOD_FLAGS='W=1 C=2 CHECK=sparse cmd_checkdoc=' >"$build/log" 2>&1 ||
		{ cat "$build/log"; exit 1; }
	if grep -E 'warning:|error:|WARNING:|ERROR:' "$build/log"; then exit 1; fi
done

# A tracepoint's list of fields is a macro that cannot have parentheses; a module out of tree asks
# for versions; the newest way to allocate is not everywhere.
[ -z "${CHECKPATCH:-}" ] || "$CHECKPATCH" --no-tree --quiet --max-line-length=100 --ignore \
	COMPLEX_MACRO,LINUX_VERSION_CODE,CONSTANT_COMPARISON,ALLOC_WITH_SIZEOF -f kmod/*.[ch]
