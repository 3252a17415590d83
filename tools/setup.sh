#!/bin/sh
# setup.sh -- installs the Debian packages that are missing, and only those; says nothing and costs
# a few milliseconds when none is.
#   setup.sh build          what `make` needs
#   setup.sh test           and what `make test` and `make demo` need
#   setup.sh check          and what `make check` needs
#   setup.sh all            and what `make check-all` needs
#   setup.sh bench          what `make bench` needs
# SPDX-License-Identifier: Apache-2.0
set -eu
packages="gcc libc6-dev binutils meson ninja-build pkg-config lemon re2c zlib1g-dev libzstd-dev
    libpcre2-dev libutf8proc-dev libxxhash-dev librdkafka-dev libpq-dev tzdata"
tests="openjdk-17-jre-headless postgresql-15 libcmocka-dev librocksdb7.8 python3 python3-venv
    netcat-openbsd g++
    libsimdjson-dev"
case ${1:-build} in
build) ;;
test) packages="$packages $tests" ;;
check) packages="$packages $tests clang-14 libclang-rt-14-dev
    clang-format-14 llvm-14" ;;
all) packages="$packages $tests python3-venv clang-14
    libclang-rt-14-dev clang-format-14 llvm-14 clang-tidy-14" ;;
bench) packages="$packages python3 python3-venv" ;;
*) echo "setup.sh: unknown set '$1'; one of build, test, check, all, bench" >&2; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null; then
    # Not Debian: the build says itself what it does not find.
    exit 0
fi
# shellcheck disable=SC2086
present=$(dpkg-query -W -f '${db:Status-Abbrev}${binary:Package}\n' $packages 2>/dev/null |
    sed -n 's/^ii *\([^:]*\).*/\1/p')
missing=
for package in $packages; do
    case "
$present
" in *"
$package
"*) ;; *) missing="$missing $package" ;; esac
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
        as_root=sudo
    else
        echo "weir needs these Debian packages; neither root nor sudo is there to install them:" >&2
        echo "   $missing" >&2
        echo "Ask an administrator for: apt-get install --no-install-recommends$missing" >&2
        exit 1
    fi
fi
echo "Installing$missing" >&2
export DEBIAN_FRONTEND=noninteractive
apt_get() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 \
        -o DPkg::Lock::Timeout=300 "$@" </dev/null
}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086
if ! { apt_get update && apt_get install --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "Could not install:$missing" >&2
    exit 1
fi
