#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# The diagrams in the README are the table's, and Graphviz draws the table.
set -euo pipefail
tool=$1
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
drawn=user/core/fsm.svg
grep -qF "]($drawn)" README.md
diff "$drawn" <("$tool" fsm --svg) || { echo "to draw it again: $tool fsm --svg >$drawn"; exit 1; }
# shellcheck disable=SC2016 # the backticks are Markdown's
diff <(sed -n '/^stateDiagram-v2$/,/^```$/p' README.md | sed '$d') <("$tool" fsm --mermaid)
"$tool" fsm --dot | dot -Tsvg >/dev/null
