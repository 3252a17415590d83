#!/bin/sh
# docs.sh -- writes the reference pages of docs/ from the tables in the source, or says where they
# differ.
#   docs.sh BUILD [--check]
# SPDX-License-Identifier: Apache-2.0
set -eu
cd "$(dirname "$0")/.."
weir=$1/weir
bad=0
page=$(mktemp)
trap 'rm -f "$page"' EXIT
for topic in $("$weir" doc | awk '{ print $3 }'); do
    "$weir" doc "$topic" >"$page"
    if [ "${2:-}" != --check ]; then
        cp "$page" "docs/$topic.md"
    elif ! cmp -s "$page" "docs/$topic.md"; then
        echo "docs/$topic.md differs from \`weir doc $topic\`: run make docs"
        bad=1
    fi
done
exit $bad
