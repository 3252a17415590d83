#!/bin/sh
# unity.sh -- compiles every source file below the program as one unit, which links only while
# static names are unique and every header is guarded.
#   unity.sh BUILD      BUILD is a configured build directory (for its generated headers)
# SPDX-License-Identifier: Apache-2.0
set -eu
cd "$(dirname "$0")/.."
build=$1
for file in $(sh tools/sources.sh | grep '^src/.*\.c$' | grep -v '^src/cli/'); do
    echo "#include \"$file\""
done | ${CC:-cc} -std=gnu11 -D_GNU_SOURCE -Wall -fsyntax-only -Isrc -Iinclude -I"$build/src" -x c \
    -I. -Wno-unused-function -
