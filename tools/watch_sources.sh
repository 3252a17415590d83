#!/bin/sh
# watch_sources.sh -- makes ninja notice added and removed files. Meson has no way to say "configure
# again when the list of sources changes", so after each configuration this adds one rule to
# build.ninja: list the sources (a few milliseconds), and configure again only if the list differs.
# SPDX-License-Identifier: Apache-2.0
set -eu
root=$MESON_SOURCE_ROOT build=$MESON_BUILD_ROOT

cd "$build"
sh "$root/tools/sources.sh" >sources.list
grep -q '^rule LIST_SOURCES' build.ninja && exit 0
sed -i 's|^build build.ninja: REGENERATE_BUILD |&sources.list |' build.ninja
list="sh $root/tools/sources.sh >sources.list.new"
replace='if cmp -s sources.list.new sources.list; then rm sources.list.new; '
replace=$replace'else mv sources.list.new sources.list; fi'
cat >>build.ninja <<END

rule LIST_SOURCES
 command = $list && $replace
 description = Listing the sources
 restat = 1

build list_sources_always: phony
build sources.list: LIST_SOURCES | list_sources_always
END
