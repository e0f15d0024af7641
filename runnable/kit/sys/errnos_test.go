//go:build linux || darwin

package sys

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestErrnosAreInTheTable: each error that the servers' code names, in Go, Python or C, has a row in errnos.md, which
// says what it means on each system.
func TestErrnosAreInTheTable(t *testing.T) {
	text, err := os.ReadFile("errnos.md")
	if err != nil {
		t.Fatal(err)
	}
	word := regexp.MustCompile(`\bE[A-Z0-9]{2,}\b`)
	told := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) == 8 {
			for _, name := range word.FindAllString(cells[1], -1) {
				told[name] = true
			}
		}
	}
	known := map[string]bool{"EWOULDBLOCK": true} // another name of EAGAIN
	for number := range 256 {
		known[unix.ErrnoName(syscall.Errno(number))] = true
	}
	found := 0
	err = filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.Contains(" .go .py .c .h ", " "+filepath.Ext(path)+" ") {
			return err
		}
		code, err := os.ReadFile(path)
		for _, name := range word.FindAllString(string(code), -1) {
			if known[name] {
				found++
				if !told[name] {
					t.Errorf("%s names %s, which is not in errnos.md", path, name)
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 100 {
		t.Errorf("only %d names were found", found)
	}
}
