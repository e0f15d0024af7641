# make test runs everything, in the order in which mistakes are cheapest to find. The other targets are its parts, and
# short names for commands that README.md explains.

.PHONY: test quick lint kills soak setup format vet generated modules unit race battery recordings site browser serve build record generate bench

# Packages where processes and goroutines meet run under the race detector, the others without: of the site its handler, as
# building all pages takes ten times as long there. The battery and the browser tests have targets of their own.
RACED  = ./lab/... ./site/guard ./runnable/kit/...
# The longest that the tests of one package may take: three times what the slowest takes beside two busy loops on two cores.
LIMIT  = 15m
# What go test does, and at the end how to run alone what failed.
TEST   = go run ./cmd/tested
PLAIN  = $$(go list ./... | grep -v -E '^era/(lab|site/guard|browser|runnable/battery|runnable/kit)(/|$$)')

# Packages whose tests start no process, but for a few, and are soon done.
QUICK  = ./chapters ./site/guard ./lab/picture ./lab/recording ./lab/scenario ./lab/traffic ./lab/live \
	$$(go list ./runnable/kit/... | grep -v -E '/kit/(aio|asgi|coro|http1|machine|wsgi)(/|$$)')
PROCESSES = ^(TestTranscripts|TestConnectInterrupted|TestHeader|TestKilledAtTheEnd)$$

test: setup format vet generated modules unit race battery recordings site browser
	@echo "make test: all good"

# Under a minute, while one works: format, vet, and the tests that start no process.
quick: format
	@echo "== go vet"
	@go vet ./...
	@echo "== tests that start no process"
	@$(TEST) -timeout 2m -skip '$(PROCESSES)' $(QUICK)

# Not part of test: the newest Go and a database come from the module proxy, and two analyses take minutes on two busy cores.
lint: format vet
	@echo "== known faults, by govulncheck"
	@sh .ci/lint

setup:
	@sh .ci/setup

format:
	@echo "== gofmt"
	@files=$$(gofmt -l .); test -z "$$files" || { echo "not formatted, run gofmt -w:"; echo "$$files"; exit 1; }

vet:
	@echo "== go vet, for this system, macOS and Windows"
	@go vet ./...
	@GOOS=darwin go vet ./...
	@GOOS=windows go vet ./runnable/kit/... ./lab/process

generated:
	@echo "== generated code is fresh"
	@before=$$(cat site/*_templ.go | cksum); $(MAKE) -s generate; \
	test "$$before" = "$$(cat site/*_templ.go | cksum)" || { echo "site/*_templ.go were stale; they are made anew: commit them"; exit 1; }

modules:
	@echo "== go.mod is tidy"
	@go mod tidy -diff
	@go mod verify

unit:
	@echo "== unit tests"
	@$(TEST) -timeout $(LIMIT) $(PLAIN)

race:
	@echo "== tests under the race detector"
	@if command -v cc >/dev/null; then $(TEST) -race -timeout $(LIMIT) $(RACED) && $(TEST) -race -timeout $(LIMIT) -run 'TestHandler|TestEditsShowOnReload' ./site; \
	elif [ "$$CI" = true ]; then echo "no C compiler, which the race detector needs"; exit 1; \
	else echo "SKIPPED: the race detector needs a C compiler"; $(TEST) -timeout $(LIMIT) $(RACED); fi

battery:
	@echo "== the battery: every server in every language"
	@$(TEST) -timeout $(LIMIT) ./runnable/battery

recordings:
	@echo "== recorded runs are of today's servers"
	@$(TEST) -run AreFresh ./cmd/serve

site:
	@echo "== the book builds"
	@out=$$(mktemp -d) && go run ./cmd/serve build -out "$$out"; status=$$?; rm -rf "$$out"; exit $$status

browser:
	@echo "== the pages in a real browser"
	@$(TEST) -timeout $(LIMIT) ./browser

# Ten minutes of runs, sockets, edits, reloads and kills, after some minutes of warming up: SOAK=1m make soak is shorter. It
# fails if serve holds more and more.
SOAK  ?= 10m
soak:
	@echo "== a soak of $(SOAK)"
	@go test -v -timeout 0 -run 'TestSoak$$' ./cmd/serve -soak $(SOAK)

serve:
	go run ./cmd/serve

build:
	go run ./cmd/serve build -out out

record:
	go run ./cmd/serve record

# templ is pinned in a module of its own, so that whoever runs the book does not download the generator.
generate:
	@go -C tools tool templ generate -path ../site -log-level error

bench:
	go test -run '^$$' -bench . $$(go list ./runnable/kit/... ./lab/... ./site/...)

# What is left one second after a lab, its supervisors or all of them were killed, in every phase.
kills:
	ERA_KILLS=300 go test -v -count 1 -timeout 30m -run TestKills ./lab/process
