# The front door: a few lines a target; meson, ninja and tools/ do the work.
# SPDX-License-Identifier: Apache-2.0
BUILD ?= build
PREFIX ?= /usr/local
SETUP_FLAGS ?=
MAKEFLAGS += --no-print-directory

.PHONY: all
all:            ## the release binary, build/weir (installs missing Debian packages)
	@tools/setup.sh build
	@$(MAKE) ninja TARGETS=weir

.PHONY: demo
demo:           ## real events become live answers
	@tools/setup.sh test
	@$(MAKE) ninja TARGETS=weir
	@examples/demo.sh $(BUILD)/weir

.PHONY: test
test:           ## every test, on the release build
	@tools/setup.sh test
	@$(MAKE) ninja
	@tools/check test --build $(BUILD) $(CHECK_FLAGS)

.PHONY: check
check:          ## test, format, tidy, -Werror, sanitizers, fuzz smoke
	@tools/setup.sh check
	@$(MAKE) ninja
	@tools/check check --build $(BUILD)

.PHONY: check-all
check-all:      ## and clang-tidy
	@tools/setup.sh all
	@$(MAKE) ninja
	@tools/check all --build $(BUILD)

.PHONY: fuzz
fuzz:           ## each fuzz target for FUZZ_SECONDS (60)
	@tools/setup.sh check
	@FUZZ_SECONDS=$${FUZZ_SECONDS:-60} tools/check fuzz

.PHONY: crash
crash:          ## kills weir N times (2000) and compares what it wrote
	@tools/setup.sh test
	@$(MAKE) ninja TARGETS=weir
	@python3 test/crash/crash.py --weir $(BUILD)/weir --kills $(or $(N),2000)

.PHONY: crash-canary
crash-canary:   ## does `make crash` notice wrong builds?
	@tools/setup.sh test
	@python3 test/crash/canary.py

.PHONY: fix
fix:            ## formats the sources
	@clang-format-14 -i $$(find src include test bench -name '*.[ch]')

.PHONY: docs
docs: all       ## writes the reference pages from the tables in the source
	@tools/docs.sh $(BUILD)

.PHONY: bench
bench:          ## measures, with the targets beside
	@tools/setup.sh bench
	@$(MAKE) ninja
	@tools/bench.py --build $(BUILD) $(BENCH)

.PHONY: install
install: all    ## to PREFIX (and DESTDIR), stripped
	@ninja -C $(BUILD) libs completions
	@meson install -C $(BUILD) --strip --no-rebuild

.PHONY: setup
setup:          ## installs the missing Debian packages, those for `make check` too
	@tools/setup.sh check

.PHONY: clean
clean:          ## removes all build directories
	@rm -rf $(BUILD) build-*

.PHONY: help
help:           ## this list
	@sed -n 's/^\([a-z-]*\): .*## /  make \1\t/p' Makefile | expand -t 24

.PHONY: ninja
ninja: $(BUILD)/build.ninja
	@ninja -C $(BUILD) $(if $(CI),--quiet) $(TARGETS)

%/build.ninja:
	@mkdir -p $*
	@meson setup $* --prefix $(PREFIX) $(SETUP_FLAGS) >$*/setup.log || { cat $*/setup.log; exit 1; }
