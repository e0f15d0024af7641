package site

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"era/chapters"
)

// Build writes the whole site below dir. A book with mistakes, or a lab without a recorded run, is not written: the
// error then is of type chapters.Problems.
func (s *Site) Build(ctx context.Context, dir string) error {
	e, err := s.edition()
	if err != nil {
		return err
	}
	if wrong := append(append(chapters.Problems{}, e.problems...), e.book.Missing(s.root)...); len(wrong) > 0 {
		return wrong
	}
	for name := range e.pages {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, filepath.FromSlash(name))), 0o755); err != nil {
			return fmt.Errorf("make the folders of the site: %w", err)
		}
	}
	pages := make(chan *page)
	failures := make(chan error, len(e.pages))
	var workers sync.WaitGroup
	for range runtime.NumCPU() {
		workers.Go(func() {
			for p := range pages {
				if err := p.write(dir); err != nil {
					failures <- err
				}
			}
		})
	}
	for _, p := range e.pages {
		if ctx.Err() != nil {
			break
		}
		pages <- p
	}
	close(pages)
	workers.Wait()
	close(failures)
	all := []error{ctx.Err()}
	for err := range failures {
		all = append(all, err)
	}
	return errors.Join(all...)
}

func (p *page) write(dir string) error {
	f, err := p.get()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, filepath.FromSlash(p.name)), f.body, 0o644)
}

// Problems are all mistakes of the book as it stands, and the labs without a recorded run.
func (s *Site) Problems() (mistakes, unrecorded chapters.Problems, err error) {
	e, err := s.edition()
	if err != nil {
		return nil, nil, err
	}
	return e.problems, e.book.Missing(s.root), nil
}
