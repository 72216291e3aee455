# make help lists the targets.
SHELL := bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.release=$(VERSION)
# What the front ends are made of, and the mark that they were.
WEB := $(shell find web -type f -not -path '*/node_modules/*' -not -path 'web/e2e/*' -not -name '*.test.ts' 2>/dev/null)
WEB_BUILT := internal/web/assets/dist/.built

.PHONY: help build web run test soak bench sizes fmt lint generate clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: web ## build bin/veridesk with the front ends inside
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/veridesk ./cmd/veridesk

web: $(WEB_BUILT) ## build the front ends

# Not "npm ci": npm 11 leaves other systems' optional packages out of the lock file
# and then refuses it for lacking them. This installs what the lock says and leaves it.
web/node_modules/.package-lock.json: web/package-lock.json
	cd web && npm install --no-save --no-audit --no-fund
	@touch $@

$(WEB_BUILT): web/node_modules/.package-lock.json $(WEB)
	cd web && npm run --silent build
	@touch $@

run: build ## serve the demo on 127.0.0.1:8080 (VERIDESK_LISTEN and VERIDESK_DATA change where)
	VERIDESK_DATA=$${VERIDESK_DATA:-tmp/demo} exec bin/veridesk serve --demo

test: ## run every test: both engines, race detector, S3, browsers; each soak 20 s
	@scripts/test

soak: ## run the long tests in full
	@scripts/soak

bench: build ## measure throughput, latency, memory and sizes
	@scripts/bench

sizes: web ## print what a browser downloads, in gzip bytes
	@cd web && npm run --silent sizes

fmt: web/node_modules/.package-lock.json ## format Go and the front ends
	go tool -modfile=tools/go.mod gofumpt -w bench cmd content internal
	cd web && npm run --silent fmt

lint: ## vet, staticcheck, gofumpt, eslint, prettier, types, generated files
	@scripts/lint

generate: build ## write the generated files: api/openapi.json, the example settings
	@mkdir -p api
	bin/veridesk openapi > api/openapi.json.new && mv api/openapi.json.new api/openapi.json
	bin/veridesk config --example > deploy/veridesk.example.toml.new && mv deploy/veridesk.example.toml.new deploy/veridesk.example.toml

clean: ## remove what was built (not data, not tmp)
	rm -rf bin web/node_modules internal/web/assets/dist/console internal/web/assets/dist/widget internal/web/assets/dist/site $(WEB_BUILT)
