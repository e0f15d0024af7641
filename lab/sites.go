package lab

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"era/lab/recording"
)

// sites finds the source lines that a trace names.
type sites struct {
	root   string // of the repository
	binary string
	debug  *debugInfo // of the binary; read when it is first needed
}

func newSites(root, binary string) *sites { return &sites{root: root, binary: binary} }

// locate turns "select/main.go:57", or "@4711" for an address in a C program, into a line of a file of the repository.
func (s *sites) locate(text string) (recording.Site, bool) {
	if hex, ok := strings.CutPrefix(text, "@"); ok {
		return s.address(hex)
	}
	file, number, _ := strings.Cut(text, ":")
	line, err := strconv.Atoi(number)
	if err != nil || line < 1 || !fs.ValidPath(file) { // the server wrote it: it may be anything
		return recording.Site{}, false
	}
	return recording.Site{File: s.below(file), Line: line}, true
}

// below finds the place of "folder/file" in the repository: in the folder of a server, or else in the kit's. Some
// folders bear the same name, as wsgi does.
func (s *sites) below(file string) string {
	own := path.Join("runnable", file)
	if _, err := os.Stat(filepath.Join(s.root, filepath.FromSlash(own))); err == nil {
		return own
	}
	return path.Join("runnable/kit", file)
}

// address looks up where a call returns to.
func (s *sites) address(hex string) (recording.Site, bool) {
	offset, err := strconv.ParseUint(hex, 16, 64)
	if err != nil || offset == 0 {
		return recording.Site{}, false
	}
	if s.debug == nil {
		s.debug, err = readDebugInfo(s.binary)
		if err != nil {
			s.debug = &debugInfo{} // without debug information the marks have no source line, and that is all
		}
	}
	file, line := s.debug.line(offset - 1) // the call is the instruction before
	if _, own, ok := strings.Cut(file, "runnable/"); ok {
		return recording.Site{File: path.Clean("runnable/" + own), Line: line}, true
	}
	return recording.Site{}, false
}
