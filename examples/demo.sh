#!/bin/sh
# demo.sh -- runs the examples one after another on bundled data and generated events.
#   examples/demo.sh [WEIR]       WEIR: the program, build/weir when absent
# On a terminal the answers change in place; otherwise each prints its final result.
# SPDX-License-Identifier: Apache-2.0
set -eu
weir=${1:-build/weir}
cd "$(dirname "$0")/.."

# What follows `run` when the answers of bounded and of endless queries go into a pipe.
if [ -t 1 ]; then
    bold=$(printf '\033[1m') plain=$(printf '\033[0m') whole= endless=
else
    bold= plain= whole='--output tableau ' endless='--output changelog '
fi

# The five lines of comment that open each example say what it shows.
title() {
    printf '\n%s%s%s\n' "$bold" "$1" "$plain"
    printf '  $ %s run %sexamples/%s\n\n' "$weir" "$3" "$2"
}

run() {
    title "$1" "$2" "$whole"
    "$weir" run $whole "examples/$2"
}

run "Brute-force logins in a real OpenSSH log" ssh_brute_force.sql
run "Error rates of a real web server's log" apache_errors.sql
run "Anomalies of a real sensor against its own last day" latency_anomalies.sql
run "Hot items: two million Nexmark events at full speed" hot_items.sql

title "Totals of what TCP clients send to 127.0.0.1:8888" socket_totals.sql "$endless"
(
    # Three clients at once, as anyone could with nc; then the reader is asked to stop.
    for i in 1 2 3; do
        sleep 0.3
        printf 'apples,%d\npears,2\n' "$i" | nc -q0 127.0.0.1 8888
    done
    sleep 0.5
    kill -INT "$(cat "${TMPDIR:-/tmp}/weir-demo.pid")"
) &
sh -c 'echo $$ >"${TMPDIR:-/tmp}/weir-demo.pid"
       exec "$0" run $1 examples/socket_totals.sql' "$weir" "$endless" || true
wait
rm -f "${TMPDIR:-/tmp}/weir-demo.pid"
printf '\nMore in examples/README.md. Write a .sql file over your own data, then:\n'
printf '  %s run FILE\n' "$weir"
