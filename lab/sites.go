package lab

import (
	"io/fs"
	"path"
	"strconv"
	"strings"

	"era/lab/recording"
	"era/runnable/kit/trace"
)

// sites finds the source lines of a trace's events.
type sites struct {
	binary string
	debug  *debugInfo // of the binary; read at the first use
}

func newSites(binary string) *sites { return &sites{binary: binary} }

// locate turns "select/main.go:57", or "@4711" for an address in a C program, into a line of a file of the repository.
func (s *sites) locate(text string) (recording.Site, bool) {
	if hex, ok := strings.CutPrefix(text, "@"); ok {
		return s.address(hex)
	}
	file, number, _ := strings.Cut(text, ":")
	line, err := strconv.Atoi(number)
	if err != nil || line < 1 {
		return recording.Site{}, false
	}
	return site(file, line)
}

// site returns the line of a file below runnable. The server wrote the path: it may be anything.
func site(below string, line int) (recording.Site, bool) {
	file := path.Clean(below) // Python's modules are found through "select/../kit/python"
	return recording.Site{File: "runnable/" + file, Line: line}, fs.ValidPath(file) && file != "."
}

// address looks up the line that a call returns to.
func (s *sites) address(hex string) (recording.Site, bool) {
	offset, err := strconv.ParseUint(hex, 16, 64)
	if err != nil || offset == 0 {
		return recording.Site{}, false
	}
	if s.debug == nil {
		s.debug, err = readDebugInfo(s.binary)
		if err != nil {
			s.debug = &debugInfo{} // without debug information only the source lines are missing
		}
	}
	file, line := s.debug.line(offset - 1) // the call is the instruction before
	file, ok := trace.Below(file)
	if !ok {
		return recording.Site{}, false
	}
	return site(file, line)
}
