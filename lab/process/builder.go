package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"era/catalogue"
	"era/catalogue/installed"
	"era/internal/aside"
	"era/lab/recording"
)

// Builder builds the programs of servers. The cache keeps each build under a name that is made of the sources and the
// compiler, so a second start builds nothing.
type Builder struct {
	root, cache string

	goVersion func() (string, error)
	ccVersion func() (string, error)
	others    installed.Finder // finds third-party software: Python and its modules, and programs

	mu      sync.Mutex
	pending map[string]*building
	calls   int       // of Build and its like, that have not returned
	paused  int       // calls of Pause that have not been taken back
	trimmed sync.Once // pycache

	modules sync.Mutex // held while one is built
}

// What a compiler's result depends on besides the sources and its arguments: its version first, then what it takes from
// its environment (go help environment; gcc(1), ENVIRONMENT). GOOS and GOARCH are not among them: run fixes both.
var (
	goSettings = []string{"GOVERSION", "GOFLAGS", "GOEXPERIMENT", "GOAMD64", "GOARM64", "GO386", "GOARM", "GOFIPS140",
		"CGO_ENABLED", "CC", "CGO_CFLAGS", "CGO_LDFLAGS"}
	ccSettings = []string{"CPATH", "C_INCLUDE_PATH", "LIBRARY_PATH", "COMPILER_PATH", "GCC_EXEC_PREFIX", "SDKROOT",
		"MACOSX_DEPLOYMENT_TARGET"}
)

// NewBuilder builds the servers of the repository at root. An empty cache stands for CacheDir.
func NewBuilder(root, cache string) *Builder {
	if absolute, err := filepath.Abs(root); err == nil { // fails only where there is no working directory
		root = absolute
	}
	b := &Builder{root: root, cache: cache, pending: map[string]*building{}, others: installed.Finder{Run: probe}}
	b.goVersion = sync.OnceValues(func() (string, error) {
		const hint = "the Go programs need the Go toolchain: https://go.dev/dl/"
		settings, err := outputOf("go", hint, append([]string{"env"}, goSettings...)...)
		if version, _, _ := strings.Cut(settings, "\n"); err == nil && !strings.Contains(version, "go1") {
			return "", fmt.Errorf("the go on PATH is another program, it calls its version %q; %s", version, hint)
		}
		return settings, err
	})
	b.ccVersion = sync.OnceValues(func() (string, error) {
		version, err := outputOf("cc", "the C programs need a C compiler: "+installHint("gcc libc6-dev",
			"xcode-select --install"), "--version")
		for _, name := range ccSettings {
			version += "\n" + os.Getenv(name)
		}
		return version, err
	})
	return b
}

// Available says why the server cannot be run on this machine. It returns nil if it can, as far as one sees without
// building.
func (b *Builder) Available(v catalogue.Variant) error {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		return errUnsupported
	}
	if !v.Server.RunsOn(runtime.GOOS, v.Language) {
		return errors.New("it makes calls that only Linux has")
	}
	if _, err := os.Stat(filepath.Join(b.root, filepath.FromSlash(v.Server.Source(v.Language)))); err != nil {
		return fmt.Errorf("%s is missing", v.Server.Source(v.Language))
	}
	var err error
	switch v.Language {
	case catalogue.Go:
		_, err = b.goVersion()
	case catalogue.C:
		_, err = b.ccVersion()
	case catalogue.Python:
		_, err = b.others.Python(v.Server.Needs)
	default:
		err = fmt.Errorf("nothing here runs %q programs", v.Language)
	}
	if err == nil {
		_, err = b.others.Programs(v.Server.Needs)
	}
	return err
}

// Build builds the program, or finds it in the cache. A second caller waits for a build that is already under way.
func (b *Builder) Build(ctx context.Context, v catalogue.Variant) (Program, error) {
	return b.BuildWatched(ctx, v, nil)
}

// BuildWatched is Build, and calls watch several times a second while something has to be built. It may be nil.
func (b *Builder) BuildWatched(ctx context.Context, v catalogue.Variant, watch func(Progress)) (Program, error) {
	defer b.called()()
	return b.build(ctx, v, errand{watch: watch})
}

func (b *Builder) build(ctx context.Context, v catalogue.Variant, e errand) (Program, error) {
	p := Program{Variant: v, Dir: b.root, Traced: recording.Traced{How: TracedInProcess}}
	if err := b.Available(v); err != nil {
		return Program{}, fmt.Errorf("%s cannot run here: %w", v, err)
	}
	var err error
	switch v.Language {
	case catalogue.Go:
		pkg := "./" + v.Server.Dir()
		p.Binary, err = b.compile(ctx, v, e, recipe{
			tool: b.goVersion, sources: []string{v.Server.Dir(), "runnable/kit", "go.mod", "go.sum"},
			command: func(out string) []string {
				return slices.Concat([]string{"go", "build", "-v"}, goFlags(), []string{"-o", out, pkg})
			},
			list: slices.Concat([]string{"go", "list", "-deps", "-f", "{{if .Stale}}{{.ImportPath}}{{end}}"}, goFlags(),
				[]string{pkg}),
		})
		p.Argv = []string{p.Binary}
	case catalogue.C:
		p.Binary, err = b.compile(ctx, v, e, recipe{
			tool: b.ccVersion, sources: []string{v.Server.Source(v.Language), "runnable/kit"},
			command: func(out string) []string { return append(b.cc(CFlags), "-o", out, v.Server.Source(v.Language)) },
		})
		p.Argv = []string{p.Binary}
	case catalogue.Python:
		var python installed.Python
		python, err = b.others.Python(v.Server.Needs)
		p.Argv, p.Modules = []string{python.Path, v.Server.Source(v.Language)},
			strings.Join(python.Folders, string(os.PathListSeparator))
		p.UserSite = python.User
	}
	if err != nil {
		return Program{}, fmt.Errorf("build %s: %w", v, err)
	}
	p.Argv = append(p.Argv, v.Server.Args...)
	if v.Language != catalogue.Go {
		if p.Preload, err = b.preload(ctx, e); errors.Is(err, errPaused) || errors.Is(err, context.Canceled) {
			return Program{}, err
		} else if err != nil {
			p.Traced = recording.Traced{Why: err.Error()} // it runs all the same
		} else {
			p.Traced = recording.Traced{How: TracedPreloaded}
		}
	}
	if v.Server.Untraced != "" {
		p.Preload, p.Traced = "", recording.Traced{Why: v.Server.Untraced}
	}
	if v.Language == catalogue.Python {
		cache, err := b.dir("pycache")
		if err != nil {
			return Program{}, fmt.Errorf("build %s: %w", v, err)
		}
		p.Pycache = cache
		b.trimmed.Do(func() { prunePycache(cache, mostPycache) })
	}
	return p, nil
}

// Preload builds the library that traces C and Python programs, and returns its path.
func (b *Builder) Preload(ctx context.Context) (string, error) {
	defer b.called()()
	return b.preload(ctx, errand{})
}

func (b *Builder) preload(ctx context.Context, e errand) (string, error) {
	if runtime.GOOS != "linux" {
		return "", errors.New("the calls of C and Python programs are seen on Linux only")
	}
	if _, err := b.ccVersion(); err != nil {
		return "", err
	}
	v := catalogue.Variant{Server: catalogue.Server{ID: "preload", Folder: "preload"}, Language: catalogue.C}
	path, err := b.compile(ctx, v, e, recipe{
		tool: b.ccVersion, sources: []string{"runnable/kit/trace"}, suffix: ".so",
		command: func(out string) []string {
			return append(b.cc(LibraryFlags), "-o", out, "runnable/kit/trace/preload.c", "-ldl")
		},
	})
	if errors.Is(err, errPaused) || errors.Is(err, context.Canceled) {
		return "", err
	}
	if err != nil {
		line, _, _ := strings.Cut(strings.ReplaceAll(err.Error(), ":\n", ": "), "\n")
		return "", fmt.Errorf("the tracing library was not built: %s", line)
	}
	return preloadable(path)
}

// preloadable returns the library under a path that LD_PRELOAD can name: its list is separated by spaces and colons,
// and neither can be escaped (ld.so(8)). Where the cache's path contains one, the library is copied to a folder for
// temporary files.
func preloadable(path string) (string, error) {
	const separators = " :"
	if !strings.ContainsAny(path, separators) {
		return path, nil
	}
	for _, folder := range []string{os.TempDir(), "/tmp"} {
		if strings.ContainsAny(folder, separators) {
			continue
		}
		dir, err := private(filepath.Join(folder, fmt.Sprintf("era-of-asynchrony-%d", os.Geteuid())))
		if err != nil {
			return "", err
		}
		copied := filepath.Join(dir, filepath.Base(path))
		if there := false; locked(dir, func() { there = use(copied) }) == nil && there {
			return copied, nil // complete, and of this build: the key is in its name
		}
		library, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		err = aside.Write(copied, ownedName(part), library, 0o600) // complete, for a program that loads it now
		return copied, errors.Join(err, prune(dir, mostPrograms))
	}
	return "", fmt.Errorf("the tracing library cannot be named: a space or a colon in %s", path)
}

// goFlags are the flags that all Go programs are built with. Those that affect the packages of the standard library are
// the same as for this program itself, so that they are not compiled a second time: that took half a minute on a
// reader's first Run.
func goFlags() []string {
	return []string{
		"-trimpath=" + strconv.FormatBool(builtWith("-trimpath") == "true"),
		"-race=false",     // whatever GOFLAGS says: the race detector makes a server several times as slow
		"-buildvcs=false", // in a checkout that is another user's, git refuses, and the build with it
	}
}

// builtWith returns a setting that this program was built with, "" if it was not set.
func builtWith(key string) string {
	info, _ := debug.ReadBuildInfo() // nil if the program was not built by the go command
	if info != nil {
		for _, setting := range info.Settings {
			if setting.Key == key {
				return setting.Value
			}
		}
	}
	return ""
}

// What servers in C, and the library that traces them, are compiled with: runnable/Makefile has the same flags, and
// warnings. The library defines the functions that _FORTIFY_SOURCE would wrap.
var (
	CFlags       = strings.Fields("-O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong -pthread")
	LibraryFlags = strings.Fields("-O2 -g -U_FORTIFY_SOURCE -fPIC -shared -pthread")
)

// cc is the compiler with the flags. Debug information names files below the root, wherever that is.
func (b *Builder) cc(flags []string) []string {
	return append([]string{"cc", "-ffile-prefix-map=" + b.root + "=."}, flags...)
}

// recipe says how a binary is made.
type recipe struct {
	tool    func() (string, error) // the compiler's version and settings
	sources []string
	suffix  string
	command func(out string) []string
	list    []string // lists the packages that the command has to compile; nil if there is no such command
}

// compile runs the command that writes the binary, unless the cache has it. Each binary is built by one call at a time.
func (b *Builder) compile(ctx context.Context, v catalogue.Variant, e errand, r recipe) (string, error) {
	tool, err := r.tool()
	if err != nil {
		return "", err
	}
	dir, err := b.dir("bin")
	if err != nil {
		return "", err
	}
	key, err := b.key(tool, r.command(""), r.sources, v.Language)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, v.Server.Program()+"-"+string(v.Language)+"-"+key+r.suffix)
	return path, b.once(ctx, path, e, func(ctx context.Context, job *building) error {
		return b.make(ctx, path, e.nice, r, job)
	})
}

// part is how the name of a file that is still being written begins.
const part = ".part"

// make writes the binary under a temporary name and moves it to the path, so that a file at the path is always
// complete.
func (b *Builder) make(ctx context.Context, path string, nice int, r recipe, job *building) error {
	dir, there := filepath.Dir(path), false
	if err := locked(dir, func() { there = use(path) }); err != nil || there {
		return err
	}
	job.began.Store(time.Now().UnixNano())
	if r.list != nil {
		ctx, cancel := context.WithCancel(ctx)
		listed := make(chan struct{})
		go func() {
			defer close(listed)
			// Without it, the reader does not see how many packages there are. That go list fails, go build says better.
			_ = run(ctx, b.root, nice, r.list, job.stale, nil)
			job.counted.Store(true)
		}()
		defer func() { cancel(); <-listed }()
	}
	err := aside.Make(path, ownedName(part), 0o700, func(file string) error {
		if err := run(ctx, b.root, nice, r.command(file), nil, job.compiles); err != nil {
			return err
		}
		if at, err := os.Stat(file); err != nil || at.Size() == 0 {
			return errors.Join(err, fmt.Errorf("%s succeeded but wrote nothing", r.command("")[0]))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return prune(dir, mostPrograms)
}
