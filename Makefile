# The front door: a few lines a target; meson and ninja do the work.
# SPDX-License-Identifier: Apache-2.0
BUILD ?= build
PREFIX ?= /usr/local
SETUP_FLAGS ?=
MAKEFLAGS += --no-print-directory

.PHONY: all
all:            ## the release binary, build/weir
	@tools/setup.sh build
	@$(MAKE) ninja

.PHONY: ninja
ninja: $(BUILD)/build.ninja
	@ninja -C $(BUILD) $(TARGETS)

%/build.ninja:
	@mkdir -p $* && meson setup $* --prefix $(PREFIX) $(SETUP_FLAGS) >$*/setup.log || { cat $*/setup.log; exit 1; }

.PHONY: setup
setup:          ## installs the missing Debian packages (apt; through sudo when not root)
	@tools/setup.sh check

.PHONY: test
test:           ## every test, on the release build
	@tools/setup.sh test
	@$(MAKE) ninja
	@meson test -C $(BUILD) --print-errorlogs

.PHONY: fix
fix:            ## formats the sources
	@git ls-files 'src/*.[ch]' 'include/*.h' 'test/*.[ch]' 'bench/*.c' | xargs clang-format-14 -i

.PHONY: install
install: all    ## to PREFIX (and DESTDIR), stripped
	@meson install -C $(BUILD) --strip

.PHONY: help
help:           ## this list
	@sed -n 's/^\([a-z-]*\): .*## /  make \1\t/p' Makefile | expand -t 24
