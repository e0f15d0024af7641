package site

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"era/internal/aside"
)

// A finished build is one file of the folder Options.Keep: the next build of the same files by the same program copies
// it. Its name is a hash of everything that the pages depend on.

// mostKept is how many builds are kept, some 12 MB each.
const mostKept = 4

// state returns a hash of the files' names and contents, of the options, and of this program; "" if nothing is to be
// kept.
func (s *Site) state() string {
	if s.options.Keep == "" {
		return ""
	}
	program, err := thisProgram()
	files, _, missing := s.inventory()
	if err != nil || missing != nil {
		return ""
	}
	hash := sha256.New()
	o := s.options
	fmt.Fprintf(hash, "%x %q %q %q %v\n", program, o.Stream, o.Base, o.Report, o.Module != nil)
	for _, name := range append(files, changelog) {
		data, err := fs.ReadFile(s.root, name)
		if err != nil && name != changelog { // a book may have none
			return ""
		}
		fmt.Fprintf(hash, "%q %d\n", name, len(data))
		hash.Write(data)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// thisProgram is a hash of the running program: another one may make other pages from the same files.
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

// kept returns the finished build of a state, by name of page, or nil without one that can be read.
func (s *Site) kept(state string) (pages map[string][]byte) {
	if state == "" {
		return nil
	}
	path := filepath.Join(s.options.Keep, state)
	data, err := os.ReadFile(path)
	if err != nil || gob.NewDecoder(bytes.NewReader(data)).Decode(&pages) != nil {
		return nil
	}
	now := time.Now()
	os.Chtimes(path, now, now) // so that it is kept longer; fails if another build has removed it
	return pages
}

// keep stores a finished build, and removes those that have not been used for the longest time. If that fails, the next
// build takes longer.
func (s *Site) keep(state string, pages map[string][]byte) {
	var b bytes.Buffer
	if state == "" || gob.NewEncoder(&b).Encode(pages) != nil ||
		aside.Write(filepath.Join(s.options.Keep, state), part+"*", b.Bytes(), 0o600) != nil {
		return
	}
	entries, _ := os.ReadDir(s.options.Keep)
	used := map[string]time.Time{}
	for _, e := range entries {
		if at, err := e.Info(); err == nil { // otherwise another build has removed it
			used[e.Name()] = at.ModTime()
		}
		if strings.HasPrefix(e.Name(), part) && time.Since(used[e.Name()]) < time.Hour {
			delete(used, e.Name()) // another build is writing it
		}
	}
	newest := slices.SortedFunc(maps.Keys(used), func(a, b string) int { return used[b].Compare(used[a]) })
	for _, name := range newest[min(mostKept, len(newest)):] {
		os.Remove(filepath.Join(s.options.Keep, name))
	}
}

// part is how the name of a build that is being written begins.
const part = ".part-"
