# SPDX-License-Identifier: GPL-2.0
#
# What the Makefiles of the programs share. Before including this, a Makefile
# sets
#   programs	what to build in O
#   links	further names: new:old
#   PROG-objs	its objects; vpath says where their sources are
#   PROG-libs	libraries, -lm
# and the rule "all" comes from here.

top	:= $(abspath $(dir $(lastword $(MAKEFILE_LIST)))/..)
O	?= $(top)/build/tools/$(notdir $(CURDIR))
V	?= 0
CC	?= gcc
CFLAGS	?= -O2 -g
Q	:= $(if $(filter 1,$(V)),,@)

flags	= -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Wmissing-prototypes \
	  -Wshadow -MMD -MP -idirafter $(top)/include/uapi $(CFLAGS)

all: $(programs:%=$(O)/%) $(foreach l,$(links),$(O)/$(firstword $(subst :, ,$(l))))

$(O)/%.o: %.c $(MAKEFILE_LIST)
	@mkdir -p $(@D)
	@echo "  CC      $(@:$(top)/%=%)"
	$(Q)$(CC) $(flags) -c -o $@ $<

.SECONDEXPANSION:
$(programs:%=$(O)/%): $(O)/%: $$(addprefix $(O)/,$$($$*-objs))
	@echo "  LD      $(@:$(top)/%=%)"
	$(Q)$(CC) $(CFLAGS) -o $@ $^ $($*-libs)

define link_rule
$(O)/$(1): | $(O)/$(2)
	@ln -sfn $(2) $$@
endef
$(foreach l,$(links),$(eval $(call link_rule,$(firstword $(subst :, ,$(l))),$(lastword $(subst :, ,$(l))))))

-include $(wildcard $(O)/*.d)

.PHONY: all
