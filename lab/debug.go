package lab

import (
	"cmp"
	"debug/dwarf"
	"debug/elf"
	"fmt"
	"slices"
	"sort"

	"era/runnable/kit/trace"
)

// debugInfo maps the addresses of a C program to source lines.
type debugInfo struct {
	lines   []lineAt  // by address
	inlined []inlined // outer ones before those inside them
}

type lineAt struct {
	address uint64
	file    string
	line    int // 0: no line, or the end of a sequence
}

// inlined is a function that the compiler has inserted where it is called.
type inlined struct {
	ranges [][2]uint64
	caller lineAt
}

// line returns the source line of an instruction. For an inlined function of the C library (glibc's checked read, for
// example) it is our line that calls it.
func (d *debugInfo) line(address uint64) (file string, line int) {
	i := sort.Search(len(d.lines), func(i int) bool { return d.lines[i].address > address }) - 1
	if i >= 0 && d.lines[i].line > 0 && own(d.lines[i].file) {
		return d.lines[i].file, d.lines[i].line
	}
	for _, f := range slices.Backward(d.inlined) {
		for _, r := range f.ranges {
			if r[0] <= address && address < r[1] && own(f.caller.file) {
				return f.caller.file, f.caller.line
			}
		}
	}
	return "", 0
}

// own reports whether the file belongs to the repository.
func own(file string) bool {
	_, ok := trace.Below(file)
	return ok
}

func readDebugInfo(binary string) (*debugInfo, error) {
	f, err := elf.Open(binary)
	if err != nil {
		return nil, fmt.Errorf("debug information: %w", err)
	}
	defer f.Close()
	data, err := f.DWARF()
	if err != nil {
		return nil, fmt.Errorf("debug information of %s: %w", binary, err)
	}
	d := &debugInfo{}
	var files []*dwarf.LineFile
	for entries := data.Reader(); ; {
		e, err := entries.Next()
		if err != nil {
			return nil, fmt.Errorf("debug information of %s: %w", binary, err)
		}
		if e == nil {
			break
		}
		switch e.Tag {
		case dwarf.TagCompileUnit:
			if files, err = d.addLines(data, e); err != nil {
				return nil, fmt.Errorf("lines of %s: %w", binary, err)
			}
		case dwarf.TagInlinedSubroutine:
			ranges, err := data.Ranges(e)
			file, _ := e.Val(dwarf.AttrCallFile).(int64)
			line, _ := e.Val(dwarf.AttrCallLine).(int64)
			if err == nil && int(file) < len(files) && files[file] != nil {
				d.inlined = append(d.inlined, inlined{ranges, lineAt{file: files[file].Name, line: int(line)}})
			}
		}
	}
	// Of several entries for one address the last one counts, so their order stays. But the end of one sequence comes
	// before the beginning of the next.
	slices.SortStableFunc(d.lines, func(a, b lineAt) int {
		return cmp.Or(cmp.Compare(a.address, b.address), cmp.Compare(min(a.line, 1), min(b.line, 1)))
	})
	return d, nil
}

// addLines adds a unit's table of lines, and returns the unit's files.
func (d *debugInfo) addLines(data *dwarf.Data, unit *dwarf.Entry) ([]*dwarf.LineFile, error) {
	table, err := data.LineReader(unit)
	if err != nil || table == nil {
		return nil, err
	}
	var entry dwarf.LineEntry
	for table.Next(&entry) == nil {
		l := lineAt{address: entry.Address}
		if !entry.EndSequence {
			l.file, l.line = entry.File.Name, entry.Line
		}
		d.lines = append(d.lines, l)
	}
	return table.Files(), nil
}
