# Paraplu's everyday commands; `make` alone lists them. Logic lives in the scripts under ops/local.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

# The toolchain, and flags for every `swift build` and `swift test` (such as -j 1, --scratch-path DIR).
SWIFT ?= swift
SWIFT_FLAGS ?=
export SWIFT SWIFT_FLAGS

# demo: other messages and faults; leave it running; on or off.
SEED ?=
KEEP ?=
REJECTION_WINDOW ?=

# fuzz: how long each format, and one format alone.
MINUTES ?= 10
FORMAT ?=

# install: staging root, prefix, and where the built programs are (default: the release build).
DESTDIR ?=
PREFIX ?= /usr
BIN ?=

# Products link the Swift runtime statically, so that a server needs no toolchain, where the toolchain holds
# the static runtime.
runtime = $$($(SWIFT) -print-target-info | sed -n 's/.*"runtimeResourcePath" *: *"\(.*\)".*/\1/p')
static = $$([[ ! -d $(runtime)_static ]] || echo --static-swift-stdlib)
release = $(SWIFT) build $(SWIFT_FLAGS) -c release

.PHONY: help setup build demo demo-stop scenario test connectors bench fuzz lint format golden install

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## Install what is missing, by apt (root or sudo)
	@ops/local/setup

build: setup ## Build paraplud and paraplu for release
	$(release) $(static) --product paraplud
	$(release) $(static) --product paraplu

demo: build ## Show half a year of messages become status (SEED=n KEEP=1 REJECTION_WINDOW=off)
	@SEED='$(SEED)' KEEP='$(KEEP)' REJECTION_WINDOW='$(REJECTION_WINDOW)' ops/local/demo

demo-stop: ## End a demo that was left running by KEEP=1
	@ops/local/demo --stop

scenario: setup ## Play two scripted years and show the programme's status, round by round
	$(SWIFT) build $(SWIFT_FLAGS) --build-tests
	@ops/local/scenario

test: setup ## Run every test beside a private PostgreSQL and broker
	$(SWIFT) build $(SWIFT_FLAGS) --build-tests
	@ops/local/test

connectors: build ## Check every connector and its examples, and who uses which operator
	@ops/local/connectors

bench: build ## Measure the full path against COPY; one JSON line per figure
	@ops/local/bench

fuzz: setup ## Send hostile messages through the decoder (MINUTES=10 per format, FORMAT=json|cloudevents|csv|xml)
	@ops/local/fuzz '$(MINUTES)' $(FORMAT)

lint: setup ## Check the form of every Swift file
	$(SWIFT) format lint --strict -r Sources Tests Package.swift

format: setup ## Rewrite every Swift file in form
	$(SWIFT) format format -i -r Sources Tests Package.swift

golden: setup ## Rewrite the golden files; review the difference
	$(SWIFT) build $(SWIFT_FLAGS) --build-tests
	@PARAPLU_GOLDEN=rewrite ops/local/test --filter 'Golden|ReferenceTests|ExamplesTests|keptSchemas'

install: ## Install what `make build` made (DESTDIR= PREFIX=/usr BIN=)
	@bin='$(BIN)'; [[ -n $$bin ]] || bin=$$($(release) --show-bin-path); \
	[[ -x $$bin/paraplud && -x $$bin/paraplu ]] || { echo "nothing built: run make build first" >&2; exit 1; }; \
	install -D -m 755 "$$bin/paraplud" '$(DESTDIR)$(PREFIX)/sbin/paraplud'; \
	install -D -m 755 "$$bin/paraplu" '$(DESTDIR)$(PREFIX)/bin/paraplu'; \
	install -d '$(DESTDIR)$(PREFIX)/lib/systemd/system'; \
	sed 's|/usr/sbin/|$(PREFIX)/sbin/|' deploy/systemd/paraplud.service >'$(DESTDIR)$(PREFIX)/lib/systemd/system/paraplud.service'; \
	chmod 644 '$(DESTDIR)$(PREFIX)/lib/systemd/system/paraplud.service'; \
	install -D -m 644 deploy/systemd/paraplu.sysusers '$(DESTDIR)$(PREFIX)/lib/sysusers.d/paraplu.conf'; \
	install -D -m 644 deploy/systemd/paraplu.tmpfiles '$(DESTDIR)$(PREFIX)/lib/tmpfiles.d/paraplu.conf'; \
	[[ -e '$(DESTDIR)/etc/paraplu/paraplu.yaml' ]] || \
	  install -D -m 644 deploy/paraplu.yaml '$(DESTDIR)/etc/paraplu/paraplu.yaml'; \
	rm -rf '$(DESTDIR)$(PREFIX)/share/paraplu/connectors'; \
	install -d '$(DESTDIR)$(PREFIX)/share/paraplu' '$(DESTDIR)$(PREFIX)/share/doc/paraplu'; \
	cp -r --no-preserve=ownership connectors '$(DESTDIR)$(PREFIX)/share/paraplu/'; \
	cp -r --no-preserve=ownership LICENSE *.md asyncapi.yaml docs '$(DESTDIR)$(PREFIX)/share/doc/paraplu/'; \
	install -m 644 deploy/paraplu.yaml '$(DESTDIR)$(PREFIX)/share/doc/paraplu/paraplu.yaml'
