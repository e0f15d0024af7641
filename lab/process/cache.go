package process

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"era/catalogue"
)

// dir makes a folder of the cache.
func (b *Builder) dir(name string) (string, error) {
	cache := b.cache
	if cache == "" {
		var err error
		if cache, err = CacheDir(); err != nil {
			return "", err
		}
	}
	return ownDir(cache, name)
}

// ownDir makes a folder below the cache.
func ownDir(cache, name string) (string, error) {
	if _, err := private(cache); err != nil {
		return "", err
	}
	return private(filepath.Join(cache, name))
}

// private makes a folder that only this user can write to. Its files are executed, and the processes that a record
// names are killed, so a folder that exists already and that others can write to is refused.
func private(folder string) (string, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("cache: %w", err)
	}
	at, err := os.Lstat(folder)
	if err != nil {
		return "", fmt.Errorf("cache: %w", err)
	}
	const advice = "others could put programs there: remove it, or choose another cache folder with XDG_CACHE_HOME"
	switch {
	case !at.IsDir():
		return "", fmt.Errorf("cache: %s is not a folder (%v): %s", folder, at.Mode().Type(), advice)
	case !isOurs(at):
		return "", fmt.Errorf("cache: %s belongs to another user: %s", folder, advice)
	case at.Mode().Perm()&0o022 != 0:
		return "", fmt.Errorf("cache: %s can be written by others (%v): %s", folder, at.Mode().Perm(), advice)
	}
	return folder, nil
}

// key returns a hash of everything a build depends on: the compiler with its settings, its arguments, and all files
// below the sources that the language's compiler may read.
func (b *Builder) key(tool string, argv, sources []string, language catalogue.Language) (string, error) {
	extensions := []string{".go", ".s", ".mod", ".sum"}
	if language == catalogue.C {
		extensions = []string{".c", ".h"}
	}
	hash := sha256.New()
	arguments := strings.ReplaceAll(strings.Join(argv, "\n"), b.root, ".") // two clones share the builds in C
	fmt.Fprintln(hash, "3", tool, runtime.GOOS, runtime.GOARCH, arguments)
	if language == catalogue.Go {
		fmt.Fprintln(hash, b.root) // a Go program knows its files by their absolute path, and prints it when it panics
	}
	for _, source := range sources {
		err := filepath.WalkDir(filepath.Join(b.root, source), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() || !slices.Contains(extensions, filepath.Ext(path)) || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			f, err := os.Open(path)
			if err != nil {
				return err
			}
			defer f.Close()
			fmt.Fprintln(hash, strings.TrimPrefix(path, b.root))
			_, err = io.Copy(hash, f)
			return err
		})
		if err != nil {
			return "", fmt.Errorf("read the sources: %w", err)
		}
	}
	return hex.EncodeToString(hash.Sum(nil))[:24], nil
}

// Bounds of the cache's folders. All programs together take about 350 MB.
const (
	mostPrograms = 512 << 20
	mostPycache  = 128 << 20
	mostBuilds   = 4 // of one program
	// Nothing is removed so soon after its last use: another serve may be about to execute it.
	inUse = longestBuild
)

// use finds a file of the cache and marks it as used. A file that is not as we left it does not count: it will be
// executed.
func use(path string) bool {
	at, err := os.Lstat(path)
	if err != nil || at.Size() == 0 || !isAsWritten(at) {
		return false
	}
	now := time.Now()
	return os.Chtimes(path, now, now) == nil
}

// isAsWritten reports whether it is a regular file that only we can have written.
func isAsWritten(at os.FileInfo) bool {
	return at.Mode().IsRegular() && isOurs(at) && at.Mode().Perm()&0o022 == 0
}

const lockName = ".lock"

// locked calls f while no other process searches the folder for files to use or removes old ones.
func locked(dir string, f func()) error {
	release, err := lock(context.Background(), filepath.Join(dir, lockName), func() {})
	if err != nil {
		return err
	}
	defer release()
	f()
	return nil
}

// entry is a file of the cache.
type entry struct {
	path string
	size int64
	used time.Time
}

// entries returns the files below the folder, the least recently used last.
func entries(dir string) (all []entry) {
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error { // what cannot be read is not ours to remove
		if err != nil || d.IsDir() {
			return nil
		}
		if at, err := d.Info(); err == nil {
			all = append(all, entry{path, at.Size(), at.ModTime()})
		}
		return nil
	})
	slices.SortFunc(all, func(a, b entry) int { return b.used.Compare(a.used) })
	return all
}

// prune removes from a folder of programs the leftovers of killed builds, all but the newest few builds of each
// program, and whatever exceeds the folder's size, least recently used first.
func prune(dir string, most int64) error {
	return locked(dir, func() {
		sweepOwned(dir, part)
		var size int64
		builds := map[string]int{}
		for _, e := range entries(dir) {
			name := filepath.Base(e.path)
			if name == lockName || strings.HasPrefix(name, part) { // the writer of a part is alive
				continue
			}
			program := name[:max(0, strings.LastIndex(name, "-"))]
			builds[program]++
			size += e.size
			if time.Since(e.used) > inUse && (builds[program] > mostBuilds || size > most) {
				size -= e.size
				os.Remove(e.path)
			}
		}
	})
}

// prunePycache keeps Python's compiled modules within their bounds. Python recreates a missing one at any time.
func prunePycache(dir string, most int64) {
	var size int64
	for _, e := range entries(dir) {
		if size += e.size; size > most {
			os.Remove(e.path)
		}
	}
}
