# SPDX-License-Identifier: MPL-2.0
# all deps dev demo test sim mutants lint bench format install clean; see README.md.
#   make test                       everything, ends with "N passed, N failed"
#   make unit ONLY=core/raft        one folder's unit tests
#   make SAN=address,undefined test the same tests under sanitizers
#   make sim SEED=4711              replays one simulated history
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := all
SAN ?=
V ?=
Q := $(if $(V),,@)
RELEASE ?=
comma := ,
VARIANT := $(if $(RELEASE),release,$(if $(SAN),$(subst $(comma),-,$(SAN)),debug))
OUT := build/$(VARIANT)

CXX := $(if $(shell command -v ccache),ccache )g++
CC := $(if $(shell command -v ccache),ccache )gcc
LLHTTP := /usr/share/llhttp
PRECOMPILED := $(if $(SAN),,$(OUT)/core/base/precompiled.h.gch)
# What waits for people, files or other processes is compiled for size: half as large as for speed.
FOR_SIZE := $(if $(RELEASE),cli core/jobspec agent/client)
PRECOMPILED_SMALL := $(if $(FOR_SIZE),$(OUT)/small/precompiled.h.gch)
export CCACHE_SLOPPINESS := pch_defines,time_macros
export CCACHE_PCH_EXTSUM := true

# gcc 12 at -O2 sees overlaps in std::string and unset std::optional members that are not there (GCC bugs
# 105329, 105593); in precompiled headers it no longer knows that they are the system's, and warns of more.
WARN := -Wall -Wextra -Werror $(if $(PRECOMPILED),-Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread) -Wno-restrict -Wno-maybe-uninitialized -Wnon-virtual-dtor -Wshadow=compatible-local
OPT := $(if $(RELEASE),-O2 -g1 -fno-plt,-O1 -g1)
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
CXXFLAGS := -std=c++20 $(OPT) $(SANFLAGS) $(WARN) -I. -isystem /usr/share/include/llhttp -DSPDLOG_COMPILED_LIB -DSPDLOG_FMT_EXTERNAL -ffunction-sections -fdata-sections
CFLAGS := $(OPT) $(SANFLAGS) -w -I/usr/share/include/llhttp -ffunction-sections -fdata-sections
# gold folds functions that came out the same, as many of templates do: 6 % of the binary.
LDFLAGS := $(SANFLAGS) $(if $(RELEASE),-fuse-ld=gold -Wl$(comma)--icf=safe) -Wl,--gc-sections -Wl,--as-needed
CORE_LIBS := -lsodium -lre2
LIBS := -luv -lSQLiteCpp -lsqlite3 -lspdlog -lfmt $(CORE_LIBS) -lpthread

sources = $(shell find $(1) -name '*.cpp' 2>/dev/null | LC_ALL=C sort)
objects = $(patsubst %.cpp,$(OUT)/%.o,$(call sources,$(1)))
PARTS := core store net agent cli
LLHTTP_OBJECTS := $(patsubst %,$(OUT)/llhttp/%.o,api http llhttp)
NOMAD_MAIN := $(OUT)/cli/main.o
libs = $(patsubst %,$(OUT)/lib%.a,$(1))

all: build/nomad

# The stripped release binary. Always built with RELEASE=1, whatever this make was called with.
build/nomad: FORCE | build/.deps
	@$(MAKE) --no-print-directory RELEASE=1 SAN= build/release/nomad
	@cmp -s build/release/nomad.stripped $@ || cp build/release/nomad.stripped $@

$(OUT)/nomad: $(NOMAD_MAIN) $(call libs,cli agent net store core)
	$(Q)$(CXX) $(LDFLAGS) $^ $(LIBS) -o $@
	@strip -o $@.stripped $@

define archive
$(OUT)/lib$(1).a: $(filter-out $(OUT)/cli/main.o,$(call objects,$(1))) $(if $(filter net,$(1)),$(LLHTTP_OBJECTS))
	@rm -f $$@
	@mkdir -p $$(@D)
	@ar rcsT $$@ $$^
endef
$(foreach part,$(PARTS),$(eval $(call archive,$(part))))

# $(call compiling,folder/,precompiled header,flags)
define compiling
$(OUT)/$(1)%.o: $(1)%.cpp $(2) | build/.deps
	@mkdir -p $$(@D)
	@echo "  $(VARIANT) $$<"
	$(Q)$(CXX) $(CXXFLAGS) $(3) $(2:%.gch=-include %) -MMD -MP -c $$< -o $$@
endef
$(eval $(call compiling,,$(PRECOMPILED)))
$(foreach folder,$(FOR_SIZE),$(eval $(call compiling,$(folder)/,$(PRECOMPILED_SMALL),-Os)))
# The digest beside it lets ccache compare 16 bytes instead of 60 MB, and the same ones in every checkout.
$(PRECOMPILED_SMALL): FLAGS := -Os
$(PRECOMPILED) $(PRECOMPILED_SMALL): core/base/precompiled.h | build/.deps
	@mkdir -p $(@D)
	@cp $< $(@:%.gch=%)
	@(cat $<; echo $(CXXFLAGS) $(FLAGS)) | sha256sum >$@.sum
	$(Q)g++ $(CXXFLAGS) $(FLAGS) -x c++-header $< -o $@
$(OUT)/llhttp/%.o: $(LLHTTP)/%.c | build/.deps
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -c $< -o $@
# Catch2's own main: built once, plainly. It takes 11 s that way and over 80 s sanitised.
build/catch/%.o: tests/%.cpp | build/.deps
	@mkdir -p $(@D)
	$(Q)$(CXX) -std=c++20 -O0 -I. -c $< -o $@

# ---- tests ---------------------------------------------------------------------------------------
# The core tests link libcore.a and nothing else: the linker too proves core pure.
SUPPORT := $(call objects,tests/support)
ONLY ?=
unit_objects = $(call objects,tests/unit/$(if $(ONLY),$(ONLY),$(1)))
test_libs_support := core
test_libs_core := core
test_libs_store := store core
test_libs_net := net core
test_libs_agent := agent net store core
test_libs_cli := cli agent net store core
define unit_test
$(OUT)/test-$(if $(ONLY),$(subst /,-,$(ONLY))-only,$(1)): build/catch/main.o $$(call unit_objects,$(1)) $(SUPPORT) $(call libs,$(test_libs_$(1)))
	$$(Q)$$(CXX) $$(LDFLAGS) $$^ $(if $(filter core support,$(1)),$(CORE_LIBS),$(LIBS)) -o $$@
endef
$(foreach part,$(if $(ONLY),$(firstword $(subst /, ,$(ONLY))),$(PARTS) support),$(eval $(call unit_test,$(part))))
UNIT_PARTS := $(foreach part,$(PARTS) support,$(if $(call sources,tests/unit/$(part)),$(part)))
UNIT_TESTS := $(patsubst %,$(OUT)/test-%,$(UNIT_PARTS))

define program
$(OUT)/$(1): $(3) $$(call objects,tests/$(1)) $(SUPPORT) $(call libs,$(2))
	$$(CXX) $$(LDFLAGS) $$^ $$(LIBS) -o $$@
endef
$(eval $(call program,transcripts,core))
SIM_AGENT := $(patsubst %,$(OUT)/agent/server/%.o,restore mender departed server_tags)
$(eval $(call program,sim,net store core,$(SIM_AGENT)))
# Its objects, pages and rows come and go all day: a tenth faster with mimalloc, where tests/deps.sh could install it.
$(OUT)/sim: LIBS := $(if $(SAN),,$(wildcard /usr/lib/*/libmimalloc.so.2)) $(LIBS)
$(eval $(call program,integration,net core,build/catch/main.o))
# Micro-benchmarks stand beside the load generator, which drives real agents.
BENCH_MICRO := $(patsubst %.cpp,$(OUT)/%.o,$(wildcard tests/bench/*.cpp))
LOAD := $(call objects,tests/bench/load) $(patsubst %,$(OUT)/tests/integration/%.o,cluster gossip jobs servers)
$(OUT)/bench: $(BENCH_MICRO) $(SUPPORT) $(call libs,agent net store core)
	$(Q)$(CXX) $(LDFLAGS) $^ $(LIBS) -o $@
$(OUT)/nomad-load: $(LOAD) $(call libs,net core)
	$(Q)$(CXX) $(LDFLAGS) $^ $(LIBS) -o $@

unit: $(if $(ONLY),$(OUT)/test-$(subst /,-,$(ONLY))-only,$(UNIT_TESTS))
	@tests/run.sh $^
SIM_SEEDS ?= 200
TRANSCRIPTS := $(if $(call sources,tests/transcripts),$(OUT)/transcripts)
test: build/nomad $(UNIT_TESTS) $(TRANSCRIPTS) $(OUT)/sim $(OUT)/integration
	@NOMAD_BIN=$(CURDIR)/$(if $(SAN),$(OUT)/nomad,build/nomad) tests/run.sh $(filter-out build/nomad,$^)
ifneq ($(SAN),)
test: $(OUT)/nomad
endif
# SERVERS=3: so many, instead of as many as each seed draws. SIM_FROM=201: the first of the seeds.
SERVERS ?= 0
SIM_FROM ?= 1
sim: $(OUT)/sim
	$(OUT)/sim --servers $(SERVERS) $(if $(SEED),--seed $(SEED),--seeds $(SIM_SEEDS) --from $(SIM_FROM))
# The same for gossip: members instead of servers. Its figures are `sim --gossip-figures`, best with RELEASE=1.
sim-gossip: $(OUT)/sim
	$(OUT)/sim --gossip --servers $(SERVERS) $(if $(SEED),--seed $(SEED),--seeds $(SIM_SEEDS) --from $(SIM_FROM))
# Bugs put in on purpose; each must be found. MUTANT=name picks some, SEEDS=n is how long to look.
SIM_OBJECTS := $(SIM_AGENT) $(call objects,tests/sim) $(SUPPORT) $(call libs,net store core)
ifneq ($(RELEASE),)
mutants: $(OUT)/sim
	@CXX='$(CXX)' CXXFLAGS='$(CXXFLAGS) $(PRECOMPILED:%.gch=-include %)' LDFLAGS='$(LDFLAGS)' LIBS='$(LIBS)' OBJECTS='$(SIM_OBJECTS)' OUT='$(OUT)' \
	  MUTANT='$(MUTANT)' tests/mutants/run.sh
else
mutants:
	@$(MAKE) --no-print-directory RELEASE=1 SAN= mutants
endif
lint:
	@tests/lint/all.sh

deps build/.deps:
	@tests/deps.sh
	@mkdir -p build && touch build/.deps
dev: build/nomad
	build/nomad agent -dev
demo: build/nomad
	@tests/demo.sh build/nomad
bench bench-save bench-compare: build/nomad
	@$(MAKE) --no-print-directory RELEASE=1 build/release/nomad-load build/release/bench
	@tests/bench/run.sh $@
format:
	clang-format -i $(call sources,core store net agent cli tests) $(shell find core store net agent cli tests -name '*.h')
PREFIX ?= /usr/local
install: build/nomad
	install -D -m 755 build/nomad $(DESTDIR)$(PREFIX)/bin/nomad
clean:
	rm -rf build
FORCE:
.PHONY: all deps dev demo test unit sim sim-gossip mutants lint bench bench-save bench-compare format install clean FORCE
.PRECIOUS: $(OUT)/%.o build/catch/%.o
-include $(shell find $(OUT) -name '*.d' 2>/dev/null)
