#!/bin/sh
# sources.sh -- lists every file that takes part in a build, one a line, so that adding a file never
# edits meson.build: the layers in the order of LAYERS, then tests, fuzz targets and benchmarks.
# SPDX-License-Identifier: Apache-2.0
set -eu
cd "$(dirname "$0")/.."

list() {
    for file in "$@"; do
        if [ -f "$file" ]; then echo "$file"; fi
    done
}

while read -r layer; do
    list src/"$layer"/*.c src/"$layer"/*.y src/"$layer"/*.re
done <LAYERS
list test/unit/*.c test/prop/*.c test/oracle/*.cc test/slt/*.c test/fuzz/fuzz_*.c bench/micro/*.c
