package chapters

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strings"
)

// goDeclaration finds a function, method, type, variable or constant, with its doc comment.
func (f *sourceFile) goDeclaration(name string) (Range, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, f.name, strings.Join(f.lines, "\n"), parser.ParseComments)
	if err != nil {
		return Range{}, fmt.Errorf("cannot be found: %w", err)
	}
	lines := func(doc *ast.CommentGroup, node ast.Node) (Range, error) {
		from := node.Pos()
		if doc != nil {
			from = doc.Pos()
		}
		return Range{set.Position(from).Line, set.Position(node.End()).Line}, nil
	}
	for _, declared := range file.Decls {
		switch d := declared.(type) {
		case *ast.FuncDecl:
			if funcName(d) == name {
				return lines(d.Doc, d)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if !declares(spec, name) {
					continue
				}
				if d.Lparen.IsValid() && len(d.Specs) > 1 {
					return lines(nil, spec)
				}
				return lines(d.Doc, d)
			}
		}
	}
	return Range{}, errNone
}

func funcName(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return d.Name.Name
	}
	t := d.Recv.List[0].Type
	if star, is := t.(*ast.StarExpr); is {
		t = star.X
	}
	if ident, is := t.(*ast.Ident); is {
		return ident.Name + "." + d.Name.Name
	}
	return d.Name.Name
}

func declares(spec ast.Spec, name string) bool {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		return s.Name.Name == name
	case *ast.ValueSpec:
		for _, ident := range s.Names {
			if ident.Name == name {
				return true
			}
		}
	}
	return false
}

// pythonDeclaration finds "def NAME", "class NAME" or "NAME =" by indentation, with the decorators and comments just
// above; Class.method looks inside the class.
func (f *sourceFile) pythonDeclaration(name string) (Range, error) {
	within := Range{1, len(f.lines)}
	indent := ""
	parts := strings.Split(name, ".")
	for i, part := range parts {
		head := regexp.MustCompile(`^(\s*)(?:async\s+)?(?:(?:def|class)\s+` + regexp.QuoteMeta(part) + `\b|` +
			regexp.QuoteMeta(part) + `\s*=)`)
		found := 0
		for n := within.First; n <= within.Last; n++ {
			m := head.FindStringSubmatch(f.lines[n-1])
			if m != nil && (i > 0 || m[1] == "") {
				found, indent = n, m[1]
				break
			}
		}
		if found == 0 {
			return Range{}, errNone
		}
		within = Range{found, f.endOfBlock(found, indent)}
	}
	within.First = f.above(within.First, indent+"#", indent+"@")
	return within, nil
}

// endOfBlock returns the last line that is indented more than the head, or belongs to its brackets.
func (f *sourceFile) endOfBlock(head int, indent string) int {
	last := head
	for n := head + 1; n <= len(f.lines); n++ {
		line := f.lines[n-1]
		if strings.TrimSpace(line) == "" {
			continue
		}
		deeper := strings.HasPrefix(line, indent+" ") || strings.HasPrefix(line, indent+"\t")
		closes := strings.ContainsAny(strings.TrimSpace(line)[:1], ")]}")
		if !deeper && !closes {
			break
		}
		last = n
	}
	return last
}

// cDeclaration finds a function, struct, enum or macro that begins at the left margin, with the comment just above.
func (f *sourceFile) cDeclaration(name string) (Range, error) {
	quoted := regexp.QuoteMeta(name)
	function := regexp.MustCompile(`^[A-Za-z_][\w\s*]*\b` + quoted + `\s*\(`)
	other := regexp.MustCompile(`^(?:#\s*define\s+` + quoted + `\b|(?:typedef\s+|static\s+)*(?:struct|enum|union)\s+` + quoted +
		`\s*\{)`)
	for n := 1; n <= len(f.lines); n++ {
		line := f.lines[n-1]
		if strings.HasPrefix(line, "#") && other.MatchString(line) {
			return Range{f.above(n, "//", "/*", " *"), f.endOfMacro(n)}, nil
		}
		if !function.MatchString(line) && !other.MatchString(line) {
			continue
		}
		if last := f.endOfBraces(n); last > 0 {
			return Range{f.above(n, "//", "/*", " *"), last}, nil
		}
	}
	return Range{}, errNone
}

func (f *sourceFile) endOfMacro(n int) int {
	for strings.HasSuffix(f.lines[n-1], `\`) && n < len(f.lines) {
		n++
	}
	return n
}

// endOfBraces returns the line of the brace that closes the first one opened from line n on; 0 when the statement ends
// before any is opened, as a prototype does. Strings and comments are skipped.
func (f *sourceFile) endOfBraces(n int) int {
	depth := 0
	comment := false
	for ; n <= len(f.lines); n++ {
		line := f.lines[n-1]
		for i := 0; i < len(line); i++ {
			rest := line[i:]
			switch {
			case comment:
				if strings.HasPrefix(rest, "*/") {
					comment = false
					i++
				}
			case strings.HasPrefix(rest, "/*"):
				comment = true
				i++
			case strings.HasPrefix(rest, "//"):
				i = len(line)
			case line[i] == '"' || line[i] == '\'':
				i += quotedLength(rest)
			case line[i] == '{':
				depth++
			case line[i] == ';' && depth == 0:
				return 0
			case line[i] == '}':
				if depth--; depth == 0 {
					return n
				}
			}
		}
	}
	return 0
}

// quotedLength returns the distance from the opening quote to the closing one.
func quotedLength(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case s[0]:
			return i
		}
	}
	return len(s)
}

// above returns the first of the lines directly above n that begin with one of the prefixes.
func (f *sourceFile) above(n int, prefixes ...string) int {
	for n > 1 {
		line := f.lines[n-2]
		begins := false
		for _, prefix := range prefixes {
			begins = begins || strings.HasPrefix(line, prefix) && !regionMark.MatchString(line)
		}
		if !begins {
			return n
		}
		n--
	}
	return n
}
