#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# The diagram in the README is the table's, and Graphviz draws the table.
set -euo pipefail
tool=$1
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck disable=SC2016 # the backticks are Markdown's
diff <(sed -n '/^```mermaid$/,/^```$/p' README.md | sed '1d;$d') <("$tool" fsm --mermaid)
"$tool" fsm --dot | dot -Tsvg >/dev/null
