package process

import (
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

	"era/runnable"
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

// private makes a folder. What lies there is executed, and what a record names is killed, so one that is there already and
// that others can write to is refused.
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

// key is a hash of all that a build depends on: the compiler with its settings, its arguments, and all files below the
// sources that the language's compiler may read.
func (b *Builder) key(tool string, argv, sources []string, language runnable.Language) (string, error) {
	extensions := []string{".go", ".s", ".mod", ".sum"}
	if language == runnable.C {
		extensions = []string{".c", ".h"}
	}
	hash := sha256.New()
	arguments := strings.ReplaceAll(strings.Join(argv, "\n"), b.root, ".") // two clones share their builds
	fmt.Fprintln(hash, "2", tool, runtime.GOOS, runtime.GOARCH, arguments)
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

// prune removes all but the newest few builds of a program, and what killed builds have left.
func prune(dir, prefix, keep string) {
	const kept = 4
	sweepOwned(dir, part)
	files, _ := filepath.Glob(filepath.Join(dir, prefix+"*")) // the pattern is good
	age := func(path string) time.Time {
		if at, err := os.Stat(path); err == nil {
			return at.ModTime()
		}
		return time.Time{}
	}
	slices.SortFunc(files, func(a, b string) int { return age(b).Compare(age(a)) })
	for i, file := range files {
		if i >= kept && file != keep {
			os.Remove(file)
		}
	}
}
