package site

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"era/chapters"
)

// kit has what servers share and what the chapters quote: what it declares can be looked for by name.
const kit = "runnable/kit/"

// declarations are the names of a file of the kit: NAME, LINE, NAME, LINE.
type declarations struct {
	Page  string `json:"page"` // of the source
	Names string `json:"names"`
}

// declaration is a name as other files write it, "sys.Accept", and its line.
type declaration struct {
	name string
	line int
}

// leftOut are files of tests, and those for systems that the book's runs were not made on: what they declare, another
// file does as well.
var leftOut = regexp.MustCompile(`/testdata/|_(darwin|other|windows)\.go$`)

// declarations returns what the kit declares for others, by file. A name is there once.
func (e *edition) declarations(files []string) (all []declarations, err error) {
	seen := map[string]bool{}
	for _, file := range files {
		if !strings.HasPrefix(file, kit) || !chapters.IsSource(file) || leftOut.MatchString(file) {
			continue
		}
		text, err := fs.ReadFile(e.root, file)
		if err != nil {
			return nil, fmt.Errorf("what the kit declares: %w", err)
		}
		var names []string
		for _, d := range declared(file, string(text)) {
			if !seen[d.name] {
				names = append(names, fmt.Sprint(d.name, " ", d.line))
			}
			seen[d.name] = true
		}
		if len(names) > 0 {
			all = append(all, declarations{sourcePage(file), strings.Join(names, " ")})
		}
	}
	return all, nil
}

// Lines that declare something for other files. The files are compiled and formatted, so a line tells.
var (
	goPackage  = regexp.MustCompile(`^package (\w+)`)
	goDeclares = regexp.MustCompile(`^(?:type|func(?: \((?:\w+ )?\*?(\w+)(?:\[[^\]]*\])?\))?) ([A-Z]\w*)`)
	pyDeclares = regexp.MustCompile(`^(    )?(?:(class)|(?:async )?def) ([A-Za-z]\w*)`)
	cDeclares  = regexp.MustCompile(`^[A-Za-z][\w *]*\b(\w+)\([^;]*\{$`)
)

// declared returns the names that a file declares for others.
func declared(file, text string) (all []declaration) {
	within := strings.TrimSuffix(path.Base(file), path.Ext(file)) // the module; in Go, the package
	class := ""
	add := func(line int, parts ...string) {
		parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
		all = append(all, declaration{strings.Join(parts, "."), line + 1})
	}
	for i, line := range strings.Split(text, "\n") {
		switch chapters.Language(file) {
		case "go":
			if m := goPackage.FindStringSubmatch(line); m != nil {
				within = m[1]
			} else if m := goDeclares.FindStringSubmatch(line); m != nil {
				add(i, within, m[1], m[2])
			}
		case "python":
			m := pyDeclares.FindStringSubmatch(line)
			switch {
			case m == nil:
			case m[1] == "" && m[2] != "":
				class = m[3]
				add(i, within, class)
			case m[1] == "":
				class = ""
				add(i, within, m[3])
			case class != "":
				add(i, within, class, m[3])
			}
		case "c":
			if m := cDeclares.FindStringSubmatch(line); m != nil {
				add(i, m[1])
			}
		}
	}
	return all
}
