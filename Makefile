# Riddle. `make demo` and `make test` are all a newcomer needs; `make help` lists the rest.

SHELL := /bin/bash
SWIFT ?= swift
# Settings of a developer decide nothing here.
export RIDDLE_CONFIG := none
RIDDLE := .build/release/riddle
PACKAGES := libopenblas-dev libsqlite3-dev zlib1g-dev
DESK := datasets/support-desk/support-desk.jsonl.gz
OUT := out/demo
LIBRARY := out/library
# By source: the build folder keeps objects of sources that are gone.
ABI_OBJECTS := $(patsubst Sources/RiddleABI/%,.build-embedded/release/RiddleABI.build/%.o,$(wildcard Sources/RiddleABI/*.swift))
BUILD_FLAGS := --explicit-target-dependency-import-check error

.PHONY: help deps build demo test check manners format-check strict embedded library library-aarch64 smoke forms notebooks record-notebooks models bench faults fuzz sanitize server server-check server-bench serve-demo litellm-check clean

help:
	@echo "make demo       import, label, train, evaluate, export and score on the embedded data"
	@echo "make test       all tests"
	@echo "make check      format, warnings, imports, C library and its bindings, models, notebooks"
	@echo "make library    C library for production, with C++, Python, Go and Node, in $(LIBRARY)"
	@echo "make forms      every generated form (C, Swift, ONNX, SQL) against its router (installs Python packages into out/forms)"
	@echo "make bench      speed and quality beside scikit-learn (needs python3; see Benchmarks/README.md)"
	@echo "make models     rebuild the committed models and compare them byte for byte"
	@echo "make faults     every bit of the committed models flipped; stores under kill -9, full disks, I/O errors"
	@echo "make fuzz       RIDDLE_FUZZ_RUNS (1000000) executions of libFuzzer with AddressSanitizer on weight files"
	@echo "make server     riddle-server: decisions and an OpenAI-compatible gateway over HTTP (fetches SwiftNIO; first build takes minutes)"
	@echo "make server-check  black-box tests of riddle-server (needs python3)"
	@echo "make server-bench  its speed and memory (needs wrk)"
	@echo "make litellm-check  LiteLLM's own proxy on what export --as litellm writes (installs litellm[proxy] into out/litellm)"
	@echo "make serve-demo a gateway before two mock upstreams, with the embedded questions as traffic"
	@echo "make sanitize   64 threads under ThreadSanitizer, damaged files under AddressSanitizer"

# Installs what is missing and nothing else.
deps:
	@missing=""; for p in $(PACKAGES); do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
	  echo "installing$$missing"; \
	  if [ "$$(id -u)" = 0 ]; then sudo=""; else sudo="sudo"; fi; \
	  $$sudo apt-get update -qq && $$sudo apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi

build: deps
	@$(SWIFT) build -c release --product riddle 2>&1 | (grep -vE '^\[[0-9]+/[0-9]+\]|^Building|^Planning|^Fetch|^Comput|^Creating|^Working' || true); \
	test $${PIPESTATUS[0]} -eq 0

demo: build
	@set -e; rm -rf $(OUT); mkdir -p $(OUT); \
	echo; echo "1. import"; $(RIDDLE) import $(DESK) --store $(OUT)/desk.sqlite --quiet; \
	echo; echo "2. label"; $(RIDDLE) label --store $(OUT)/desk.sqlite --candidates small,large --target strong-wins --quiet; \
	echo; echo "3. train"; $(RIDDLE) train --store $(OUT)/desk.sqlite --model logistic --output $(OUT)/model --seed 7 --quiet >/dev/null; \
	ls $(OUT)/model; \
	echo; echo "4. evaluate"; $(RIDDLE) evaluate $(OUT)/model/router.riddle --store $(OUT)/desk.sqlite \
	  --candidates small,large --report $(OUT)/report.html --quiet; \
	echo; echo "5. export"; $(RIDDLE) export $(OUT)/model --to $(OUT)/router.riddle --quiet; \
	$(RIDDLE) inspect $(OUT)/router.riddle --verify --quiet | tail -n 1; \
	echo; echo "6. score"; printf '%s\n' "How do I reset my password?" \
	  "Explain why our checkout deadlocks under load and design a migration plan." \
	  | $(RIDDLE) score $(OUT)/router.riddle --quiet; \
	echo; echo "report: $(OUT)/report.html"; \
	echo; echo "next, try:"; \
	echo "  echo 'Translate this contract into German' | $(RIDDLE) score $(OUT)/router.riddle --explain"; \
	echo "  $(RIDDLE) train --store $(OUT)/desk.sqlite --candidates small,medium,large --model tree --output $(OUT)/ladder"; \
	echo "  $(RIDDLE) import YOUR-LOG.jsonl.gz --store $(OUT)/yours.sqlite --dry-run"

test: export RIDDLE_OPTIMIZED = 1
test: deps
	@$(SWIFT) build --build-tests $(BUILD_FLAGS) 2>&1 | (grep -E 'error|warning:' || true); test $${PIPESTATUS[0]} -eq 0
	@echo "tests"; ulimit -S -n 1024; $(SWIFT) test --skip-build --disable-xctest >.build/test.log 2>&1; status=$$?; \
	if [ $$status -ne 0 ]; then \
	  echo "failed, in short (all of it: .build/test.log):"; \
	  grep -E '^✘|^error|Fatal error|Crash|Signal' .build/test.log || tail -n 40 .build/test.log; exit $$status; fi; \
	grep -E '^(➜|✔ Test run)' .build/test.log

check: export RIDDLE_STRICT = 1
check: format-check strict manners smoke models notebooks
	@echo "check: all passed"

# JSON against the published schemas, and the bytes at a terminal and in a pipe.
manners: build
	@python3 Tests/Golden/Generators/schemas.py $(RIDDLE) --check
	@python3 Tests/Terminal/check.py $(RIDDLE)

format-check:
	@echo "format"; $(SWIFT) format lint --strict -r Sources Tests Benchmarks Package.swift

# Warnings as errors, and no import that the manifest does not declare.
strict: deps
	@echo "warnings as errors, declared imports"; RIDDLE_STRICT=1 $(SWIFT) build -c release $(BUILD_FLAGS) --product riddle 2>&1 \
	  | (grep -E 'error|warning:' || true); test $${PIPESTATUS[0]} -eq 0

embedded:
	@RIDDLE_EMBEDDED=1 $(SWIFT) build -c release --product riddle-c --scratch-path .build-embedded 2>&1 \
	  | (grep -E 'error|warning:' || true); test $${PIPESTATUS[0]} -eq 0

# What production copies: libriddle.so, libriddle.a, riddle.h and the files of each language.
library: embedded
	@bash Sources/Bindings/build.sh $(LIBRARY) "" $(ABI_OBJECTS)

# The same for 64-bit ARM; needs a cross compiler, and an emulator to be checked.
library-aarch64: library
	@if ! command -v aarch64-linux-gnu-gcc >/dev/null; then \
	  echo "library-aarch64: LEFT OUT: apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static"; exit 0; fi; \
	mkdir -p .build-aarch64; bash Sources/Bindings/compile-aarch64.sh .build-aarch64/riddle.o && \
	bash Sources/Bindings/build.sh $(LIBRARY)-aarch64 aarch64-linux-gnu- .build-aarch64/riddle.o || exit 1; \
	if command -v qemu-aarch64-static >/dev/null; then \
	  bash Tests/Bindings/check-aarch64.sh $(LIBRARY)-aarch64 $(LIBRARY); \
	else echo "library-aarch64: NOT RUN: apt-get install qemu-user-static"; fi

# The library from every language that is installed, held against the command line bit by bit.
smoke: library build
	@echo "C library and bindings"; $(SWIFT) build -c release --package-path Sources/Bindings/swift --scratch-path .build-example 2>&1 \
	  | (grep -E 'error|warning:' || true); test $${PIPESTATUS[0]} -eq 0
	@bash Tests/Bindings/check.sh $(LIBRARY) $(RIDDLE) .build-example/release/example
	@bash Tests/Faults/check.sh $(LIBRARY)
	@python3 Tests/Faults/store.py $(RIDDLE) --kills 5
	@bash Tests/Fuzz/run.sh .build-fuzz replay
	@python3 Tests/SecondReader/check.py $(RIDDLE)

forms: build
	@bash Tests/Forms/check.sh $(RIDDLE) out/forms

notebooks: build
	@echo "notebooks"; PATH="$$PWD/.build/release:$$PATH" python3 notebooks-md/check.py notebooks-md/*.md

record-notebooks: build
	@PATH="$$PWD/.build/release:$$PATH" python3 notebooks-md/check.py --record notebooks-md/*.md

models: build
	@echo "models"; PATH="$$PWD/.build/release:$$PATH" python3 models/check.py

bench: deps
	@$(SWIFT) build -c release --product riddle-bench 2>&1 | (grep -E 'error' || true); test $${PIPESTATUS[0]} -eq 0
	@$(SWIFT) build -c release --product riddle 2>&1 | (grep -E 'error' || true); test $${PIPESTATUS[0]} -eq 0
	@bash Benchmarks/run.sh

faults: library build
	@FLIPS_EVERY=1 bash Tests/Faults/check.sh $(LIBRARY)
	@python3 Tests/Faults/store.py $(RIDDLE) --kills 50 --full

fuzz:
	@bash Tests/Fuzz/run.sh .build-fuzz

sanitize:
	@bash Tests/Faults/sanitize.sh .build-sanitize

# Hummingbird and SwiftNIO are part of the package only here: nothing else waits for them.
server: export RIDDLE_SERVER = 1
server: deps
	@$(SWIFT) build -c release $(BUILD_FLAGS) --product riddle-server 2>&1 | (grep -E 'error|warning:' || true); test $${PIPESTATUS[0]} -eq 0

server-check: server build
	@python3 Tests/Server/check.py
	@bash Tests/Server/clients.sh
	@bash Tests/Server/deploy.sh

server-bench: server
	@bash Benchmarks/server.sh

serve-demo: server
	@python3 Tests/Server/demo.py

# The proxy, mock upstreams, the C library inside it and riddle-server beside it.
litellm-check: build library server
	@bash Tests/LiteLLM/check.sh $(RIDDLE) $(LIBRARY) .build/release/riddle-server out/litellm

clean:
	rm -rf .build .build-embedded .build-example .build-aarch64 .build-fuzz .build-sanitize out
