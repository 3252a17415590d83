#!/bin/sh
# localize.sh -- turns the archive of all objects into one object that exports only what is marked
# public, and puts it into a static library. Without this an internal function of ours could bind
# silently to a function of the same name in the host program.
#   localize.sh CC OBJCOPY AR IN.a OUT.a
# SPDX-License-Identifier: Apache-2.0
set -eu
cc=$1 objcopy=$2 ar=$3 in=$4 out=$5
object=${out%.a}.whole.o

# shellcheck disable=SC2086
$cc -r -nostdlib -flinker-output=nolto-rel -Wl,--whole-archive "$in" -Wl,--no-whole-archive \
    -o "$object" 2>/dev/null ||
    $cc -r -nostdlib -Wl,--whole-archive "$in" -Wl,--no-whole-archive -o "$object"
$objcopy --localize-hidden "$object"
rm -f "$out"
$ar rcs "$out" "$object"
rm -f "$object"
