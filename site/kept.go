package site

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"era/internal/aside"
)

// A finished build is one file of the folder Options.Keep: the next build of the same files by the same program copies it. Its
// name is a hash of all that the pages follow from.

// mostKept is how many builds are kept, some 12 MB each.
const mostKept = 4

// state is a hash of the files' names and contents, of the options, and of this program.
func (s *Site) state() (string, error) {
	program, err := thisProgram()
	if err != nil {
		return "", err
	}
	files, _, err := s.inventory()
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	fmt.Fprintf(hash, "%x %q\n", program, s.options.Stream)
	for _, name := range files {
		data, err := fs.ReadFile(s.root, name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(hash, "%q %d\n", name, len(data))
		hash.Write(data)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// thisProgram is a hash of the program that runs: another one may make other pages of the same files.
var thisProgram = sync.OnceValues(func() ([]byte, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	hash := sha256.New()
	_, err = io.Copy(hash, f)
	return hash.Sum(nil), err
})

// kept is the finished build of a state, by name of page; nil when there is none, or none that can be read.
func (s *Site) kept(state string) (pages map[string][]byte) {
	path := filepath.Join(s.options.Keep, state)
	data, err := os.ReadFile(path)
	if err != nil || gob.NewDecoder(bytes.NewReader(data)).Decode(&pages) != nil {
		return nil
	}
	now := time.Now()
	os.Chtimes(path, now, now) // it is kept longer; it may be gone by now
	return pages
}

// keep keeps a finished build, and removes those that have not been used for the longest time.
func (s *Site) keep(state string, pages map[string][]byte) error {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(pages); err != nil {
		return err
	}
	if err := aside.Write(filepath.Join(s.options.Keep, state), ".part-*", b.Bytes(), 0o600); err != nil {
		return err
	}
	entries, err := os.ReadDir(s.options.Keep)
	if err != nil {
		return err
	}
	type build struct {
		path string
		used time.Time
	}
	var all []build
	for _, e := range entries {
		if at, err := e.Info(); err == nil { // or another build has removed it
			all = append(all, build{filepath.Join(s.options.Keep, e.Name()), at.ModTime()})
		}
	}
	slices.SortFunc(all, func(a, b build) int { return b.used.Compare(a.used) })
	for _, old := range all[min(mostKept, len(all)):] {
		os.Remove(old.path)
	}
	return nil
}
