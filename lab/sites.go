package lab

import (
	"debug/dwarf"
	"debug/elf"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"era/lab/recording"
	"era/runnable"
)

// sites finds the source lines that a trace names.
type sites struct {
	root, binary string
	lines        []lineAt // of the binary, by address; read when it is first needed
	read         bool
}

type lineAt struct {
	address uint64
	file    string
	line    int
}

func newSites(root, binary string) *sites { return &sites{root: root, binary: binary} }

// locate turns "select/main.go:57", or "@4711" for an address in a C program, into a line of a file of the repository.
func (s *sites) locate(text string) (recording.Site, bool) {
	if hex, ok := strings.CutPrefix(text, "@"); ok {
		return s.address(hex)
	}
	file, number, _ := strings.Cut(text, ":")
	line, err := strconv.Atoi(number)
	if err != nil {
		return recording.Site{}, false
	}
	return recording.Site{File: below(file), Line: line}, true
}

// below finds the place of "folder/file" in the repository: the folder of a server, or one of the kit's.
func below(file string) string {
	folder := path.Dir(file)
	for _, s := range runnable.Servers {
		if s.ID == folder {
			return "runnable/" + file
		}
	}
	return "runnable/kit/" + file
}

// address looks up where a call returns to. The call itself is the instruction before.
func (s *sites) address(hex string) (recording.Site, bool) {
	if !s.read {
		s.read = true
		s.lines, _ = readLines(s.binary) // without debug information the marks have no source line, and that is all
	}
	offset, err := strconv.ParseUint(hex, 16, 64)
	if err != nil || offset == 0 || len(s.lines) == 0 {
		return recording.Site{}, false
	}
	i, exact := slices.BinarySearchFunc(s.lines, offset-1, func(l lineAt, a uint64) int {
		switch {
		case l.address < a:
			return -1
		case l.address > a:
			return 1
		}
		return 0
	})
	if !exact {
		i--
	}
	if i < 0 || s.lines[i].line == 0 {
		return recording.Site{}, false
	}
	_, file, ok := strings.Cut(s.lines[i].file, "runnable/")
	if !ok {
		return recording.Site{}, false
	}
	return recording.Site{File: path.Clean("runnable/" + file), Line: s.lines[i].line}, true
}

// readLines is the binary's table of lines, by address. An entry with line 0 ends a sequence.
func readLines(binary string) ([]lineAt, error) {
	f, err := elf.Open(binary)
	if err != nil {
		return nil, fmt.Errorf("debug information: %w", err)
	}
	defer f.Close()
	data, err := f.DWARF()
	if err != nil {
		return nil, fmt.Errorf("debug information of %s: %w", binary, err)
	}
	var lines []lineAt
	for units := data.Reader(); ; {
		unit, err := units.Next()
		if err != nil || unit == nil {
			break
		}
		table, err := data.LineReader(unit)
		if err != nil || table == nil {
			units.SkipChildren()
			continue
		}
		var entry dwarf.LineEntry
		for table.Next(&entry) == nil {
			l := lineAt{address: entry.Address}
			if !entry.EndSequence {
				l.file, l.line = entry.File.Name, entry.Line
			}
			lines = append(lines, l)
		}
		units.SkipChildren()
	}
	slices.SortStableFunc(lines, func(a, b lineAt) int {
		switch {
		case a.address != b.address && a.address < b.address:
			return -1
		case a.address != b.address:
			return 1
		}
		return a.line - b.line // the end of one sequence comes before the beginning of the next
	})
	return lines, nil
}
