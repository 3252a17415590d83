#!/bin/sh
# demo.sh -- runs the examples one after another on bundled data and generated events.
#   examples/demo.sh [WEIR]       WEIR: the program, build/weir when absent
# On a terminal the answers change in place; otherwise each prints its final result.
# SPDX-License-Identifier: Apache-2.0
set -eu
weir=${1:-build/weir}
cd "$(dirname "$0")/.."

if [ -t 1 ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); else bold= plain=; fi

title() {
    printf '\n%s%s%s\n' "$bold" "$1" "$plain"
    printf '  weir run examples/%s\n\n' "$2"
}

# The five lines of comment that open the example say what it shows.
run() {
    title "$1" "$2"
    "$weir" run --output tableau "examples/$2"
}

live() {
    title "$1" "$2"
    if [ -t 1 ]; then "$weir" run "examples/$2"; else "$weir" run --output tableau "examples/$2"; fi
}

run "Brute-force logins in a real OpenSSH log" ssh_brute_force.sql
run "Error rates of a real web server's log" apache_errors.sql
run "Anomalies of a real sensor against its own last day" latency_anomalies.sql
live "Hot items: two million Nexmark events at full speed" hot_items.sql

title "Totals of what TCP clients send to 127.0.0.1:8888" socket_totals.sql
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
       exec "$0" run --output changelog examples/socket_totals.sql' "$weir" || true
wait
rm -f "${TMPDIR:-/tmp}/weir-demo.pid"
printf '\nMore in examples/README.md. Write a .sql file over your own data, then:\n'
printf '  %s run FILE\n' "$weir"
