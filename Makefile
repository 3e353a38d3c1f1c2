# SPDX-License-Identifier: GPL-2.0
#
# Builds ./linux: the kernel's source, with arch/usermode and its companions
# linked in (build/src), compiled in build/linux. "make help" lists the targets.

TOP	:= $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
B	:= $(TOP)/build
S	:= $(TOP)/scripts
PYTHON	:= /usr/bin/python3
TARBALL	?= /usr/src/linux-source-6.12.tar.xz
JOBS	?= $(shell n=$$(nproc); echo $$((n > 3 ? 3 : n)))
V	?= 0

# One directory for each source tree, one for each configuration.
ifdef KSRC
TREE	:= $(abspath $(KSRC))
OUT	:= $(B)/ksrc-$(shell echo $(TREE) | cksum | cut -d' ' -f1)
else
TREE	:= $(B)/tree
OUT	:= $(B)
endif
SRC	:= $(OUT)/src
ifdef DEBUG
OBJ	:= $(OUT)/linux-debug
LINUX	:= linux-debug
FRAGMENTS := $(TOP)/arch/usermode/configs/debug.config
else
OBJ	:= $(OUT)/linux
LINUX	:= linux
FRAGMENTS :=
endif

# Paths are relative for ccache, so that clones and work trees share its hits; what a
# file includes is what the compiler says it is: no preprocessing of its own.
export CCACHE_BASEDIR := $(TOP)
export CCACHE_DEPEND := 1
export CCACHE_NOHASHDIR := 1
export CCACHE_SLOPPINESS := file_macro,time_macros,locale,include_file_mtime,include_file_ctime
CC	= $(if $(shell command -v ccache),ccache gcc,gcc)
# A make that was given -j shares its job slots instead.
JFLAG	= $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(JOBS))
KMAKE	= $(MAKE) -C $(SRC) O=$(OBJ) ARCH=usermode CC="$(CC)" V=$(V) $(JFLAG)
# Directories that hold what goes into an image.
files	= $(shell find $(wildcard $(1)) -type f)

MAKEFLAGS += --no-print-directory
unexport KSRC DEBUG TARBALL JOBS

.PHONY: all help deps needs source config kernel modules
.PHONY: run check check-static root.img debian.img test.img menuconfig defconfig
.PHONY: savedefconfig tools bench kunit clean ksrc-clean distclean

all: kernel tools

help:
	@sed -n 's/^#: //p' $(TOP)/Makefile

#: make                 build ./linux and the tools
#: make run             install what is missing, build, boot root.img here
#: make check           install what is missing, build, run the tests; ALL=1: the slow ones too
#: make deps            install the Debian packages of scripts/packages (apt)
#: make root.img        build/root.img: busybox, root without password
#: make debian.img      build/debian.img: Debian 12 with systemd
#: make menuconfig      change the kernel's configuration
#: make defconfig       go back to usermode_defconfig
#: make savedefconfig   write the configuration back to usermode_defconfig
#: make modules         the kernel's modules, installed under build/modules
#: make tools           the programs beside the kernel
#: make check-static    layering, linkage, style; and that the source tree is pristine
#: make bench           guest against host, as ratios; BENCH=micro (work, boot, idle): a part
#: make kunit           the tree's own kunit.py (KUNIT="arguments")
#: make clean           remove what was compiled;  distclean: all of build/
#:
#: KSRC=DIR   build from your own Linux 6.12 tree; it is not written to
#: DEBUG=1    build ./linux-debug with configs/debug.config
#: V=1        show the commands          JOBS=N  compile N files at once

deps:
	@$(S)/deps install

needs:
	@$(S)/deps check kernel $(if $(KSRC),,source)

source: needs
ifdef KSRC
	@$(S)/overlay --user $(TREE) $(SRC)
else
	@$(S)/unpack $(TARBALL) $(TREE)
	@$(S)/overlay $(TREE) $(SRC)
endif

config: source
	@$(S)/config $(SRC) $(OBJ) $(FRAGMENTS) -- $(KMAKE)

kernel: config
	+@$(KMAKE) linux scripts_gdb
	@ln -sfn $(S)/gdb/linux-gdb.py $(TOP)/$(LINUX)-gdb.py
	@cmp -s $(OBJ)/linux $(TOP)/$(LINUX) || { \
		install -m 755 $(OBJ)/linux $(TOP)/$(LINUX).new && \
		mv $(TOP)/$(LINUX).new $(TOP)/$(LINUX) && \
		echo "  LINUX   ./$(LINUX)"; }

modules: kernel
	+@$(KMAKE) modules
	+@$(KMAKE) modules_install INSTALL_MOD_PATH=$(B)/modules

menuconfig: config
	@$(S)/deps check menu
	+@$(KMAKE) menuconfig

defconfig: source
	@rm -f $(OBJ)/.config $(OBJ)/.config.made
	@$(S)/config $(SRC) $(OBJ) $(FRAGMENTS) -- $(KMAKE)

savedefconfig: config
	+@$(KMAKE) savedefconfig
	@cp $(OBJ)/defconfig $(TOP)/arch/usermode/configs/usermode_defconfig

# ---- the programs beside the kernel, and the tests' ---------------------------

tools:
	@$(S)/deps check tools
	+@$(if $(wildcard $(TOP)/tools/Makefile),$(MAKE) -C $(TOP)/tools O=$(B)/tools V=$(V))

# Every tests/syscalls/*.c is one static program: it runs on the host first. So is
# every tests/net/*.c, for both ends of a wire.
CPROGS	:= $(foreach d,syscalls net,$(patsubst $(TOP)/tests/$d/%.c,$(B)/tests/%,$(wildcard $(TOP)/tests/$d/*.c)))
PCFLAGS	:= -std=gnu11 -O2 -g -Wall -Wextra -Werror -static -pthread -mno-red-zone
QUIET	:= $(if $(filter 1,$(V)),,@)

$(B)/tests/%: $(TOP)/tests/syscalls/%.c $(wildcard $(TOP)/tests/syscalls/*.h) $(TOP)/tools/compiler.h
	@mkdir -p $(@D)
	@echo "  CC      $(@:$(TOP)/%=%)"
	$(QUIET)gcc $(PCFLAGS) -I$(TOP)/include/uapi -o $@ $<

$(B)/tests/%: $(TOP)/tests/net/%.c
	@mkdir -p $(@D)
	@echo "  CC      $(@:$(TOP)/%=%)"
	$(QUIET)gcc $(PCFLAGS) -o $@ $<

$(B)/tests:
	@mkdir -p $@

# ---- images -------------------------------------------------------------------

root.img: $(B)/root.img
test.img: $(B)/test.img
debian.img: $(B)/debian.img

$(B)/root.img: $(S)/mkroot $(S)/mkimage $(call files,$(TOP)/images/root)
	@$(S)/deps check image
	@mkdir -p $(B)
	@echo "  IMAGE   build/root.img"
	@$(S)/mkroot $@ 64M

$(B)/test.img: $(S)/mkroot $(S)/mkimage $(call files,$(TOP)/images/root) $(CPROGS) | $(B)/tests
	@$(S)/deps check image
	@echo "  IMAGE   build/test.img"
	@$(S)/mkroot $@ 256M $(B)/tests

$(B)/debian.tar: $(TOP)/images/debian.packages
	@$(S)/deps check image
	@mkdir -p $(B)
	@$(S)/mkdebian tar $@

$(B)/debian.img: $(B)/debian.tar $(S)/mkdebian $(S)/mkimage $(call files,$(TOP)/images/debian)
	@echo "  IMAGE   build/debian.img"
	@$(S)/mkdebian img $@ 5G $(B)/debian.tar

# ---- running ------------------------------------------------------------------

# The internet, if there is a helper to reach it through; NETWORK= for none.
NETWORK	= $(if $(shell command -v passt || command -v slirp4netns),eth0=user)

# The recipes call make again: what it looks at may just have been installed.
run: deps
	+@$(MAKE) kernel root.img
	$(TOP)/$(LINUX) ubd0=$(B)/root.img $(NETWORK) $(ARGS)

check: deps
	+@$(MAKE) all root.img test.img debian.img $(CPROGS)
	cd $(TOP) && $(if $(DEBUG),LINUX=$(TOP)/$(LINUX) TIMEOUT_SCALE=4) \
		$(PYTHON) -m pytest tests $(if $(ALL),,-m "not slow") $(PYTEST)

check-static: kernel
	$(S)/check-layering --src $(SRC) --obj $(OBJ)
	$(S)/check-style $(SRC)
	$(if $(KSRC),,$(S)/check-pristine tree $(TARBALL) $(TREE))

bench: all
	+@$(MAKE) root.img $(if $(filter micro idle,$(BENCH)),,debian.img)
	$(PYTHON) $(TOP)/tests/bench/bench.py $(if $(BENCH),--what $(BENCH)) $(BENCHFLAGS)

kunit: config
	$(S)/kunit $(SRC) $(OUT)/kunit "$(CC)" $(KUNIT)

clean:
	rm -rf $(B)/linux $(B)/linux-debug $(B)/kunit $(B)/ksrc-* $(B)/tools $(B)/tests $(B)/modules
	rm -f $(TOP)/linux $(TOP)/linux-debug $(TOP)/linux-gdb.py $(TOP)/linux-debug-gdb.py

# Only what was built from KSRC.
ksrc-clean:
	$(if $(KSRC),rm -rf $(OUT),@echo "ksrc-clean: say KSRC=DIR"; false)

distclean: clean
	rm -rf $(B)
