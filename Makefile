# make test runs everything, in the order in which mistakes are cheapest to find. The other targets are its parts, and
# short names for commands that README.md explains. make help prints what follows ## behind each.

.PHONY: test help quick lint static c python faults fuzz kills soak axe simulate first frames times setup format vet generated modules unit race battery recordings site browser serve server \
	build record generate bench baseline

# Packages where processes and goroutines meet run under the race detector, the others without: of the site its handler, as
# building all pages takes ten times as long there. The battery and the browser tests have targets of their own.
RACED  = ./lab/... ./site/guard ./runnable/kit/...
# The longest that the tests of one package may take: three times what the slowest takes beside two busy loops on two cores.
LIMIT  = 45m
# go test, and at the end how to run each failed test alone.
TEST   = go run ./cmd/tested
# The longest first, so that the others run beside it.
PLAIN  = ./check/browser $$(go list ./... | grep -v -E '^era/(lab|site/guard|runnable/kit|check/browser)(/|$$)')

# Packages whose tests start no process, with a few exceptions, and are quick.
QUICK  = ./internal/... ./web ./chapters ./site/guard ./lab/timeline ./lab/recording ./lab/scenario ./lab/traffic ./lab/live \
	$$(go list ./runnable/kit/... | grep -v -E '/kit/(aio|asgi|coro|http1|machine|wsgi)(/|$$)')
PROCESSES = ^(TestTranscripts|TestConnectInterrupted|TestHeader|TestKilledAtTheEnd|TestMakeServer)$$

test: setup format vet generated modules recordings site unit race ## all tests, in some minutes (make alone does the same)
	@echo "make test: all good"

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "%-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

quick: format ## format, vet, and the tests that start no process: less than a minute
	@echo "== go vet"
	@go vet ./...
	@echo "== tests that start no process"
	@$(TEST) -timeout 2m -skip '$(PROCESSES)' $(QUICK)

# Not part of test: the tools, the newest Go and a database come from the module proxy, and the analyses take minutes on two
# busy cores.
lint: format vet static c python faults ## all linters; they come from the network

static: ## part of lint: staticcheck and deadcode
	@echo "== staticcheck"
	@$$(go -C tools tool -n staticcheck) ./...
	@echo "== functions that neither a program nor a test reaches, by deadcode"
	@found=$$($$(go -C tools tool -n deadcode) -test ./...) || exit 1; test -z "$$found" || { echo "$$found"; exit 1; }

# With optimisation, as some warnings need it. Headers are checked with the files that include them. One server and the library
# for traces need Linux.
c: ## part of lint: warnings of the C compiler
	@echo "== warnings of the C compiler"
	@if [ "$$(uname)" != Linux ]; then echo "SKIPPED: not on Linux"; \
	else status=0; for file in $$(git ls-files '*.c'); do cc -O2 -Wall -Wextra -Werror -pthread -c -o /dev/null "$$file" || status=1; done; exit $$status; fi

python: ## part of lint: syntax of the Python files, and pyflakes where it is installed
	@echo "== Python"
	@sh .ci/lint-python

faults: ## part of lint: known faults of Go and of the modules, by govulncheck
	@echo "== known faults, by govulncheck"
	@sh .ci/lint

FUZZ  ?= 1m
fuzz: ## every fuzz target for a minute; FUZZ=10s make fuzz is shorter
	@sh .ci/fuzz $(FUZZ)

setup: ## installs or names what the tests need besides Go
	@sh .ci/setup

format: ## checks that gofmt has nothing to do
	@echo "== gofmt"
	@files=$$(gofmt -l .); test -z "$$files" || { echo "not formatted, run gofmt -w:"; echo "$$files"; exit 1; }

vet: ## go vet, for Linux, macOS and Windows
	@echo "== go vet, for this system, macOS and Windows"
	@go vet ./...
	@GOOS=darwin go vet ./...
	@GOOS=windows go vet ./runnable/kit/... ./lab/process

generated: ## checks that page templates, scripts and style sheets were generated anew
	@echo "== generated files are fresh"
	@before=$$(cksum $(GENERATED)); $(MAKE) -s generate || exit 1; after=$$(cksum $(GENERATED)); test "$$before" = "$$after" || { \
	echo "not what make generate makes of site/*.templ and web/; made anew, so commit them with what they are made of:"; \
	printf '%s\n' "$$before" "$$after" | sort | uniq -u | cut -d ' ' -f 3- | sort -u; exit 1; }

modules: ## checks that go.mod is tidy
	@echo "== go.mod is tidy"
	@go mod tidy -diff
	@go mod verify

# The slowest packages, audit, battery and browser, mostly wait: go test runs two at a time.
unit: ## part of test: packages that need no race detector, with the battery and the browser
	@echo "== unit tests"
	@$(TEST) -timeout $(LIMIT) $(PLAIN)

race: ## part of test: packages where goroutines and processes meet, under the race detector
	@echo "== tests under the race detector"
	@if command -v cc >/dev/null; then $(TEST) -race -timeout $(LIMIT) $(RACED) && $(TEST) -race -timeout $(LIMIT) -run 'TestHandler|TestEditsShowOnReload' ./site; \
	elif [ "$$CI" = true ]; then echo "no C compiler, which the race detector needs"; exit 1; \
	else echo "SKIPPED: the race detector needs a C compiler"; $(TEST) -timeout $(LIMIT) $(RACED); fi

battery: ## part of unit: every server in every language, from outside
	@echo "== the battery: every server in every language"
	@$(TEST) -timeout $(LIMIT) ./check/battery

recordings: ## part of test: recorded runs are of the servers as they are now
	@echo "== recorded runs are of today's servers"
	@$(TEST) -run AreFresh ./cmd/serve

site: ## part of test: the book builds
	@echo "== the book builds"
	@out=$$(mktemp -d) && go run ./cmd/serve build -out "$$out"; status=$$?; rm -rf "$$out"; exit $$status

browser: ## part of unit: the pages in a real browser
	@echo "== the pages in a real browser"
	@$(TEST) -timeout $(LIMIT) ./check/browser

axe: ## every page in all its states, looked at by axe-core: half an hour
	@go test -v -timeout 0 -run 'TestPages$$' ./check/browser -axe

# Ten minutes of runs, sockets, edits, reloads and kills, after some minutes of warming up: SOAK=1m make soak is shorter. It
# fails if the resources that serve holds keep growing.
SOAK  ?= 10m
soak: ## ten minutes of runs, edits, reloads and kills; SOAK=1m make soak is shorter
	@echo "== a soak of $(SOAK)"
	@go test -v -timeout 0 -run 'TestSoak$$' ./cmd/serve -soak $(SOAK)

SCHEDULES ?= 200
simulate: ## each server through 200 random schedules with faults; SCHEDULES=1000 make simulate is longer
	@go test -v -timeout 0 ./check/simulate -schedules $(SCHEDULES)
	@go test -v ./runnable/kit/kernel -run TestDifferential -programs 100000

first: ## how long a newcomer waits for the first run, with empty caches
	@go test -v -timeout 0 -run 'TestFirstRun$$' ./cmd/serve -first

frames: ## how long frames take at 200 clients, 10,000 lanes and a million marks; wants a quiet machine
	@go test -v -timeout 0 -run 'TestFrameTimes$$' ./check/browser -frames

times: ## how long the search works on each keystroke, and a phone waits for the first paint; wants a quiet machine
	@go test -v -timeout 0 -run 'TestSearchTimes$$|TestFirstPaint$$' ./check/browser -times

serve: ## the book and the lab, in a browser
	go run ./cmd/serve

server: ## a folder for a new server, to begin with: make server NAME=chapter/name
	@sh .ci/server "$(NAME)"

build: ## the book as files, in out/
	go run ./cmd/serve build -out out

record: ## all recorded runs anew; wants a quiet machine
	go run ./cmd/serve record

# The generators are pinned in a module of their own, so that running the book does not download them. Browsers of 2024 and
# later are enough: light-dark() is the newest feature that the pages use.
GENERATED = site/*_templ.go static/* web/lab/data.js web/page/states.css content/changed.txt
generate: ## makes site/*_templ.go from site/*.templ, parts of web/ from what Go decides, static/ from web/, and the days in content/changed.txt
	@go run ./internal/pagedata
	@go -C tools tool templ generate -path ../site -log-level error
	@go -C tools tool esbuild ../web/*.js ../web/*.css ../web/icon.svg \
		--bundle --minify --charset=utf8 --format=iife --target=chrome123,firefox120,safari17.5 \
		--loader:.svg=copy --outbase=../web --outdir=../static --log-level=warning

bench: ## the benchmarks, compared with the baseline by benchstat; COUNT=1 make bench is quick
	@sh .ci/bench

baseline: ## the benchmarks, kept as the baseline; wants a quiet machine
	@sh .ci/bench -keep

# What is left one second after a lab, its supervisors or all of them were killed, in every phase.
kills: ## what is left one second after the lab was killed, 300 times
	ERA_KILLS=300 go test -v -count 1 -timeout 30m -run TestKills ./lab/process
