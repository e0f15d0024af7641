package repository

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// exempt are files that have such words as data.
var exempt = []string{
	"chapters/strength.go",                  // the words by which a specification says how strong a clause is
	"internal/repository/style_test.go",     // the habits themselves
	"runnable/kit/backend/backend.go",       // lists that are called nobody: nothing is pushed to them
	"runnable/tornado/redis/main.go",        // likewise
	"runnable/thirdparty/servers/server.py", // the Unix user nobody
}

// habits are the habits of STYLE.md's table that can be found mechanically: how the first column of a row begins, and a
// pattern. Real people may be "who", "anyone" and "everyone", so some cases are missed.
var habits = []struct {
	row     string
	pattern *regexp.Regexp
}{
	{"free relatives", habit(`whoever|what no [a-z]+ is`)},
	{"free relatives", habit(`(to|for|from|of|with|by|than|but|because|since|when|while|if|as|that|until|unless|is) who`)},
	{"free relatives", regexp.MustCompile(`(?i)(^|[.:;] )who [^?.]*(\.|$)`)}, // not a question
	{"people for things", habit(`(no|every|some|any)body`)},
	{"*say* for", regexp.MustCompile(`(?i), say[,.;)]|[(:] ?say, `)},
	{"*shall* for", habit(`shall`)},
	{"*answers* for", habit(`answers (whether|nil|true|false|an error|an exit)`)},
	{"*is none* for", regexp.MustCompile(`(?i)([^e]|[^r]e) (is|are|was|were) (?-i:none)( [^o]|$|[.,:;])|\bbe it\b`)}, // but: there is none
	{"*for ever*", habit(`for ever|dear(er|est)?|the like|of whom|where(in|of|upon|by)|pass(es|ed|ing)? over`)},
	{"*for ever*", regexp.MustCompile(
		`(?i)\b(is|are|was|were|be|been) (not )?told( (of|about|by|in|last|so|when)\b|$|[.,:;])`)},
}

func habit(pattern string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(?:` + pattern + `)(?:\b|$)`)
}

// What is read of a file: comments, several lines of which are one, and string literals.
var (
	slashes = regexp.MustCompile("//[^\n]*(?:\n[ \t]*//[^\n]*)*" + `|/\*(?s:.*?)\*/` +
		`|"(?:\\.|[^"\\` + "\n" + `])*"|'(?:\\.|[^'\\` + "\n" + `])*'` + "|`[^`]*`")
	hashes = regexp.MustCompile("#[^\n]*(?:\n[ \t]*#[^\n]*)*" + `|"""(?s:.*?)"""` +
		`|"(?:\\.|[^"\\` + "\n" + `])*"|'(?:\\.|[^'\\` + "\n" + `])*'`)
	prose = map[string]*regexp.Regexp{
		".go": slashes, ".c": slashes, ".h": slashes, ".js": slashes, ".css": slashes, ".templ": slashes, ".py": hashes,
	}

	testName = regexp.MustCompile(`(?m)^func ((?:Test|Benchmark|Fuzz|Example)\w+)|^ *def (test_\w+)`)
	marker   = regexp.MustCompile(`\n[ \t]*(?://|#|\*)?[ \t]*`) // between two lines of a comment
	capital  = regexp.MustCompile(`_|([a-z0-9])([A-Z])`)
)

func TestStyle(t *testing.T) {
	page := text(t, filepath.Join(root, "STYLE.md"))
	pairs := map[string]string{}
	for _, h := range habits {
		at := strings.Index(page, "\n| "+h.row)
		if at < 0 {
			t.Fatalf("STYLE.md has no row that begins with %q", h.row)
		}
		pairs[h.row], _, _ = strings.Cut(page[at+1:], "\n")
	}
	for path, source := range sources(t, false) {
		if slices.Contains(exempt, path) {
			continue
		}
		for _, f := range findings(source, filepath.Ext(path)) {
			t.Errorf("%s:%d: %q\n\tSTYLE.md: %s", path, f.line, f.words, pairs[f.row])
		}
	}
}

// sources are the files that are written by hand, by their paths, with those of tests or without.
func sources(t *testing.T, testdata bool) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below := filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator)))
		if entry.IsDir() {
			hidden := path != root && skipped(entry.Name()) && !(testdata && entry.Name() == "testdata")
			if hidden || below == "content" || below == "static" { // static is generated
				return filepath.SkipDir
			}
			return nil
		}
		if prose[filepath.Ext(path)] != nil && !strings.HasSuffix(path, "_templ.go") {
			all[below] = text(t, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

type finding struct {
	line       int
	words, row string
}

// findings are the habits in a file's comments, strings and test names.
func findings(source, extension string) (all []finding) {
	check := func(at int, words string) {
		for _, h := range habits {
			for _, found := range h.pattern.FindAllStringIndex(words, -1) {
				all = append(all, finding{1 + strings.Count(source[:at], "\n"), words[found[0]:min(found[1]+30, len(words))],
					h.row})
			}
		}
	}
	for _, at := range prose[extension].FindAllStringIndex(source, -1) {
		check(at[0], strings.TrimSpace(strings.TrimLeft(marker.ReplaceAllString(source[at[0]:at[1]], " "), "/#*\"'` ")))
	}
	for _, at := range testName.FindAllStringIndex(source, -1) {
		check(at[0], capital.ReplaceAllString(source[at[0]:at[1]], "$1 $2"))
	}
	return all
}

func TestFindings(t *testing.T) {
	for source, want := range map[string]string{
		"// A task that waits. Who asks?":               "",
		"// f tells who sent it, to a reader who asks":  "",
		"// Who waits\n// holds a thread.":              "free relatives",
		"x := 1 // for who\n\t// waits":                 "free relatives",
		"/* One, say,\n * or two. */":                   "*say* for",
		"t.Error(\"it shall end\")":                     "*shall* for",
		"shall := nobody // they are told apart":        "",
		"func TestNobodyWaits(t *testing.T) {":          "people for things",
		"// There is none. A text that is none of ours": "",
	} {
		got := ""
		for _, f := range findings(source, ".go") {
			got += f.row
		}
		if got != want {
			t.Errorf("%q: found %q, want %q", source, got, want)
		}
	}
	if got := findings("x = '#'\n# a value that\n# is none\n", ".py"); len(got) != 1 || got[0].line != 2 {
		t.Errorf("in Python: %v", got)
	}
}
