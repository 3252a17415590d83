#!/bin/sh
# lemon.sh LEMON JOINED PARTS.. -- joins the parts of a grammar and runs lemon on them; the C file
# and its header appear beside the joined file. -c keeps the action tables uncompressed, which the
# grammar relies on (see src/sql/grammar_1_head.y).
# SPDX-License-Identifier: Apache-2.0
set -eu
lemon=$1
joined=$2
shift 2
cat "$@" >"$joined"
exec "$lemon" -c -q "$joined"
