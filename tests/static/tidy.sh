#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# clang-tidy over user/ with the checks of .clang-tidy; BUILD is where the build was.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
printf '%s\n' user/*.c user/*/*.c | xargs -P "$(nproc)" -n 8 clang-tidy --quiet -p "$1"
