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
	dir := filepath.Join(cache, name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("cache: %w", err)
	}
	return dir, nil
}

// key is a hash of the compiler's version and of all files below the sources that the language's compiler may read.
func (b *Builder) key(tool string, sources []string, language runnable.Language) (string, error) {
	extensions := []string{".go", ".s", ".mod", ".sum"}
	if language == runnable.C {
		extensions = []string{".c", ".h"}
	}
	hash := sha256.New()
	fmt.Fprintln(hash, "1", tool, runtime.GOOS, runtime.GOARCH)
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
			fmt.Fprintln(hash, strings.TrimPrefix(path, b.root)) // two clones share their builds
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
	parts, _ := filepath.Glob(filepath.Join(dir, part)) // the pattern is good, here and below
	for _, file := range parts {
		if at, err := os.Stat(file); err == nil && time.Since(at.ModTime()) > longestBuild {
			os.Remove(file)
		}
	}
	files, _ := filepath.Glob(filepath.Join(dir, prefix+"*"))
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
