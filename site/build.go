package site

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"era/chapters"
	"era/internal/aside"
)

// Build writes the whole site below dir. A book with mistakes, or a lab without a recorded run, is not written: then
// the error is of type chapters.Problems.
func (s *Site) Build(ctx context.Context, dir string) error {
	state := s.state()
	if pages := s.kept(state); pages != nil {
		return s.write(ctx, dir, pages)
	}
	pages, err := s.finish(ctx)
	if err == nil {
		err = s.write(ctx, dir, pages)
	}
	if err == nil && s.state() == state { // an edit during the build may be in some pages and not in others
		s.keep(state, pages)
	}
	return err
}

// complete returns the edition of the files as they are now, if the book has no mistake and no run is missing.
func (s *Site) complete() (*edition, error) {
	files, print, err := s.inventory() // now: the last look may be a moment old
	if err != nil {
		return nil, err
	}
	e := &edition{Site: s, print: print}
	if err := e.read(files); err != nil {
		return nil, err
	}
	if wrong := append(append(chapters.Problems{}, e.problems...), e.book.Missing(s.root)...); len(wrong) > 0 {
		return nil, wrong
	}
	return e, nil
}

// finish makes all pages.
func (s *Site) finish(ctx context.Context) (map[string][]byte, error) {
	e, err := s.complete()
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	pages := map[string][]byte{}
	ordered := slices.SortedFunc(maps.Values(e.pages), func(a, b *page) int {
		return cmp.Or(cmp.Compare(a.beside, b.beside), cmp.Compare(a.name, b.name))
	})
	err = each(ctx, ordered, func(p *page) error {
		f, err := p.get()
		mu.Lock()
		defer mu.Unlock()
		pages[p.name] = f.body
		return err
	})
	return pages, err
}

// write writes the pages below dir. Modules are no part of what is kept: they are in a cache of their own.
func (s *Site) write(ctx context.Context, dir string, pages map[string][]byte) error {
	folders := map[string]bool{}
	for name := range pages {
		folders[filepath.Dir(filepath.FromSlash(name))] = true
	}
	for folder := range folders {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			return fmt.Errorf("make the folders of the site: %w", err)
		}
	}
	others := slices.DeleteFunc(slices.Collect(maps.Keys(pages)), func(name string) bool { return name == workerPage })
	err := each(ctx, others, func(name string) error {
		body := pages[name]
		if folder, is := moduleOf(name); is {
			var err error
			if body, err = s.module(ctx, folder); err != nil {
				return err
			}
		}
		return os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), body, 0o644)
	})
	if err != nil || pages[workerPage] == nil {
		return err
	}
	// Last, and in one step: a host that already serves the folder never has a list of files that are not there yet.
	return aside.Write(filepath.Join(dir, workerPage), ".part-*", pages[workerPage], 0o644)
}

// each calls f for all elements, on all processors, and joins the errors.
func each[T any](ctx context.Context, all []T, f func(T) error) error {
	var workers sync.WaitGroup
	var next atomic.Int64
	failures := make([][]error, runtime.NumCPU())
	for w := range failures {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(all)) && ctx.Err() == nil; i = next.Add(1) - 1 {
				if err := f(all[i]); err != nil {
					failures[w] = append(failures[w], err)
				}
			}
		})
	}
	workers.Wait()
	return errors.Join(append(slices.Concat(failures...), ctx.Err())...)
}

// Problems returns all mistakes of the book as it is now, and the labs without a recorded run.
func (s *Site) Problems() (mistakes, unrecorded chapters.Problems, err error) {
	e, err := s.edition()
	if err != nil {
		return nil, nil, err
	}
	return e.problems, e.book.Missing(s.root), nil
}
