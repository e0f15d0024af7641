package process

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// scratch is how the names of folders for short-lived files begin.
const scratch = "scratch"

// ownedName returns a pattern for os.MkdirTemp and os.CreateTemp that says which process owns the file: this one.
func ownedName(kind string) string {
	owner := os.Getpid()
	return fmt.Sprintf("%s-%d-%s-*", kind, owner, url.PathEscape(startOf(owner)))
}

// sweepOwned removes the files and folders whose owners are dead.
func sweepOwned(dir, kind string) {
	all, _ := filepath.Glob(filepath.Join(dir, kind+"-*")) // the pattern is valid
	for _, path := range all {
		name := strings.Split(filepath.Base(path), "-")
		if len(name) != 4 {
			continue
		}
		owner, err := strconv.Atoi(name[1])
		if err == nil && url.PathEscape(startOf(owner)) != name[2] {
			os.RemoveAll(path)
		}
	}
}
