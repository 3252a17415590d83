#!/bin/sh
# headers.sh -- each header compiles on its own, so that including one is enough to use it.
#   headers.sh BUILD    BUILD is a configured build directory (for its generated headers)
# SPDX-License-Identifier: Apache-2.0
set -eu
cd "$(dirname "$0")/.."
build=$1
bad=0
for header in src/*/*.h include/*.h; do
    [ -f "$header" ] || continue
    ${CC:-cc} -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only -Isrc -Iinclude \
        -I"$build/src" -x c -Wno-unused-function -include "$header" /dev/null || {
        echo "$header does not compile on its own"
        bad=1
    }
done
exit $bad
