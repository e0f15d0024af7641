package code

import (
	"bytes"
	"encoding/json"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestWhatIsCode(t *testing.T) {
	for _, test := range []struct {
		what, name, before, after string
		same                      bool
	}{
		{"a comment", "a.go", "x := 1", "// one\nx := 1 // two", true},
		{"a long comment", "a.go", "f(a)\ng()", "f(/* a\nb */ a)\ng()", false}, // the call is on two lines now
		{"a long comment before", "a.go", "f(a)", "/* a\nb\n*/\nf(a)", true},
		{"spacing", "a.go", "var a, b = 1, []int{ 2 }\n", "\n\n\tvar a,b  =  1, []int {2}\r\n", true},
		{"space between words", "a.go", "var ab", "var a b", false},
		{"space between operators", "a.go", "a <- b", "a < - b", false},
		{"a line broken", "a.go", "f(a, b)", "f(a,\n\tb)", false},
		{"a directive of the build", "a.go", "package a", "//go:build linux\n\npackage a", false},
		{"what is embedded", "a.go", "//go:embed a.html\nvar a", "//go:embed b.html\nvar a", false},
		{"a directive in a comment", "a.go", "var a", "  //go:embed as text\nvar a", true},
		{"what looks like a comment", "a.go", `s := "// a"`, `s := "// b"`, false},
		{"space in a string", "a.go", "s := `a  b\n\n c`", "s := `a b\n\n c`", false},
		{"a quote in a string", "a.go", `s := "\"//a"; r := '"' // c`, `s := "\"//a"; r := '"' // d`, true},
		{"a bare quote in a string", "a.go", "s := `\\` // c", "s := `\\` // d", true},
		{"cgo", "a.go", "// int a;\nimport \"C\"\n", "// int b;\nimport \"C\"\n", false},
		{"cgo among other imports", "a.go",
			"package a\n\nimport (\n\t// int a;\n\t\"C\"\n)\n", "package a\n\nimport (\n\t// int b;\n\t\"C\"\n)\n", false},
		{"a docstring", "a.py",
			"def f():\n    \"\"\"One.\n\n    Two.\"\"\"\n    return 1\n",
			"def f():\n    r'three'  # four\n    return 1\n", true},
		{"a docstring that is used", "a.py", "'''One.'''\nprint(__doc__)", "'''Two.'''\nprint(__doc__)", false},
		{"a string in a call", "a.py", "f(\n'''a''')", "f(\n'''b''')", false},
		{"a string that goes on", "a.py", "'a'.join(b)", "'b'.join(b)", false},
		{"a string on the next line", "a.py", "a = \\\n'b'", "a = \\\n'c'", false},
		{"indentation", "a.py", "if a:\n    b\n    c", "if a:\n    b\nc", false},
		{"indentation in brackets", "a.py", "f(a,\n  b)", "f(a,\n      b)", true},
		{"indentation of a comment", "a.py", "if a:\n    b\n    c", "if a:\n    b\n# d\n    c", true},
		{"indentation in a string", "a.py", "a = '''\n b'''", "a = '''\n  b'''", false},
		{"spacing in Python", "a.py", "f(a=1, b = [ 2 ])", "f(a=1,b=[2])  # c", true},
		{"a comment in C", "a.c", "int a; /* b */ // c", "int a;\n", true},
		{"a macro", "a.h", "#define F(x) x", "#define F (x) x", false},
		{"the end of a macro", "a.c", "#define A b \\\n\n\tc;\n", "#define A b \\\n\tc;\n", false},
		{"space in a macro's next line", "a.h", "#define F \\\n\ta (b)", "#define F \\\n\ta(b)", false},
		{"space at a line's end in a macro", "a.h", "#define F\\\n(x) x", "#define F\\\n (x) x", false},
		{"a comment that goes on", "a.c", "// a \\\nb();\n", "// a\nb();\n", false},
		{"two lines of a comment", "a.c", "// a \\\nb();\nc();", "// d\nc();", true},
		{"a line after a backslash", "a.py", "a = b \\\n\n(c)\n", "a = b \\\n(c)\n", false},
		{"an apostrophe", "a.h", "#error don't\n// a\n", "#error don't\n// b\n", true},
		{"other files", "a.html", "<p>a</p>\r\n", "<p>a</p>\n", true},
		{"space in other files", "a.html", "<p>a</p>\n", "<p>a</p>\n\n", false},
	} {
		if same := Of(test.name, []byte(test.before)).Sum == Of(test.name, []byte(test.after)).Sum; same != test.same {
			t.Errorf("%s: the same: %v, want %v\n%s\n----\n%s", test.what, same, test.same, test.before, test.after)
		}
	}
}

func TestLines(t *testing.T) {
	f := Of("a.py", []byte("\"\"\"One.\n\nTwo.\n\"\"\"\n\nimport a  # why\n\n# what\nb = '''\n\n'''\nc"))
	want := []int{6, 9, 10, 11, 12}
	if !slices.Equal(f.lines, want) {
		t.Errorf("code on lines %d, want %d", f.lines, want)
	}
	for i, line := range want {
		if f.Count(line) != i+1 || f.Line(i+1) != line {
			t.Errorf("line %d: number %d; number %d: line %d", line, f.Count(line), i+1, f.Line(i+1))
		}
	}
	if f.Count(1) != 0 || f.Count(0) != 0 || f.Count(99) != 0 || f.Line(0) != 0 || f.Line(6) != 0 || f.Line(-1) != 0 {
		t.Error("a line without code has a number, or a line with code has none")
	}
}

// TestNothingIsLost compares what is left of each file of the repository with the tools that know its language best.
func TestNothingIsLost(t *testing.T) {
	seen := map[string]int{}
	err := filepath.WalkDir("../../..", func(name string, d fs.DirEntry, err error) error {
		extension := filepath.Ext(name)
		if err != nil || d.IsDir() || languages[extension].comment == "" {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		r := reader{language: languages[extension], text: string(text)}
		r.read()
		left := []byte(strings.Join(r.code, "\n") + "\n")
		if of := Of(extension, left); of.Sum != Of(extension, text).Sum {
			t.Errorf("%s: the result is not all code", name)
		}
		if extension == ".go" {
			seen[extension]++
			before, lines := tokens(text)
			after, _ := tokens(left)
			if !slices.Equal(before, after) {
				t.Errorf("%s: other tokens", name)
			}
			for line := range lines {
				if !slices.Contains(r.numbers, line) {
					t.Errorf("%s:%d: code was not found", name, line)
				}
			}
		}
		return nil
	})
	if err != nil || seen[".go"] < 100 {
		t.Error(err, seen)
	}
}

// tokens returns those of a Go program, without comments, and the lines on which one begins.
func tokens(text []byte) (all []string, lines map[int]bool) {
	lines = map[int]bool{}
	files := token.NewFileSet()
	file := files.AddFile("", -1, len(text))
	var s scanner.Scanner
	s.Init(file, text, nil, 0)
	for {
		at, kind, literal := s.Scan()
		if kind == token.EOF {
			return all, lines
		}
		if kind != token.SEMICOLON || literal != "\n" { // it is on no line
			lines[file.Line(at)] = true
		}
		all = append(all, kind.String()+literal)
	}
}

// TestPythonTokens does the same with Python's own tokenizer.
func TestPythonTokens(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	const tokenizer = `
import io, json, sys, tokenize as t
def tokens(text):
    all, statement = [], []
    for token in t.generate_tokens(io.StringIO(text).readline):
        if token.type in (t.COMMENT, t.NL, t.INDENT, t.DEDENT, t.ENCODING):
            continue
        statement.append((t.tok_name[token.type], token.string, token.start[1] if not statement else 0))
        if token.type in (t.NEWLINE, t.ENDMARKER):
            if len(statement) != 2 or statement[0][0] != "STRING":
                all.append(statement)
            statement = []
    return all
for before, after in json.load(sys.stdin):
    before, after = tokens(before), tokens(after)
    if before != after:
        sys.exit("%s\n%s" % next(pair for pair in zip(before, after) if pair[0] != pair[1]))
`
	files, err := filepath.Glob("../../../runnable/*/*/*.py")
	more, _ := filepath.Glob("../../../runnable/*/*.py")
	if files = append(files, more...); err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	var pairs [][2]string
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		r := reader{language: languages[".py"], text: string(text)}
		r.read()
		pairs = append(pairs, [2]string{string(text), strings.Join(r.code, "\n") + "\n"})
	}
	in, err := json.Marshal(pairs)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-c", tokenizer)
	cmd.Stdin = bytes.NewReader(in)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
