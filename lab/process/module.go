package process

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"era/catalogue"
	"era/internal/aside"
)

// A Moduler says how a server's module is made.
type Moduler struct {
	// Command writes what the command needs into a scratch folder, and returns the command that writes the module.
	Command     func(scratch, folder, out string) (argv []string, err error)
	Finish      func(module []byte) // changes what the command wrote; may be nil
	Environment []string            // of the command, where it differs
	Source      string              // the folder of what Command returns: the module is another when that is
}

// CanModule says why no modules can be built here; nil if they can, as far as one sees without building.
func (b *Builder) CanModule() error {
	_, err := b.goVersion()
	return err
}

// Module returns a server as a WebAssembly module for the simulated kernel, compressed with gzip: from the cache, or
// built, one at a time, and not while something is measured.
func (b *Builder) Module(ctx context.Context, s catalogue.Server, how Moduler) ([]byte, error) {
	tool, err := b.goVersion()
	if err != nil {
		return nil, err
	}
	dir, err := b.dir("modules")
	if err != nil {
		return nil, err
	}
	sources := []string{s.Dir(), "runnable/kit", "go.mod", "go.sum", how.Source}
	key, err := b.key(tool, []string{"module", s.Dir()}, sources, catalogue.Go)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, s.Program()+"-"+key+".wasm.gz")
	for {
		err := b.once(ctx, path, errand{ahead: true}, func(ctx context.Context, _ *building) error {
			return b.makeModule(ctx, s, how, path)
		})
		switch ended := ctx.Err(); {
		case ended != nil:
			return nil, ended
		case errors.Is(err, errPaused) || errors.Is(err, context.Canceled): // by Pause
		case err != nil:
			return nil, fmt.Errorf("build %s for the simulated kernel: %w", s.Dir(), err)
		default:
			return os.ReadFile(path)
		}
		select {
		case <-time.After(lookAgain):
		case <-ctx.Done():
		}
	}
}

func (b *Builder) makeModule(ctx context.Context, s catalogue.Server, how Moduler, path string) error {
	b.modules.Lock()
	defer b.modules.Unlock()
	there := false
	if err := locked(filepath.Dir(path), func() { there = use(path) }); err != nil || there {
		return err
	}
	scratch, remove, err := Scratch()
	if err != nil {
		return err
	}
	defer remove()
	out := filepath.Join(scratch, "server.wasm")
	argv, err := how.Command(scratch, s.Dir(), out)
	if err != nil {
		return err
	}
	if err := run(ctx, b.root, aheadNice, argv, nil, nil, how.Environment...); err != nil {
		return err
	}
	module, err := os.ReadFile(out)
	if err != nil {
		return err
	}
	if how.Finish != nil {
		how.Finish(module)
	}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	z.Write(module) // cannot fail: it writes to memory
	z.Close()
	if err := aside.Write(path, ownedName(part), packed.Bytes(), 0o600); err != nil {
		return err
	}
	return prune(filepath.Dir(path), mostPrograms)
}
