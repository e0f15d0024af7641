package catalogue

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const good = "- id: one\n  title: One\n  year: 1983\n  summary: It works.\n  languages: [go, python]\n"

// A wrong entry is reported with its file and line.
func TestEntriesThatAreWrong(t *testing.T) {
	another := strings.Replace(good, "id: one", "id: two", 1)
	for _, x := range []struct{ entries, want string }{
		{"# nothing\n", ": has no entry"},
		{good + "  colour: red\n", ":6: field colour not found"},
		{good + "  year: 1984\n", `:6: mapping key "year" already defined at line 3`},
		{"id: one\n", ":1: cannot unmarshal !!map"},
		{strings.Replace(good, "1983", "long ago", 1), ":3: cannot unmarshal !!str `long ago`"},
		{good + "  args: [x\n", ":"}, // the decoder decides which line it blames
		{strings.Replace(good, "One", "", 1), ":1: one: title, year, summary and languages are needed"},
		{strings.Replace(good, "One", "One, two", 1), ":1: one: the title begins sentences"},
		{strings.Replace(good, "one", "a/b", 1), `:1: id "a/b": lower-case letters, digits and hyphens are needed`},
		{strings.Replace(good, "one", "one,two", 1), `:1: id "one,two": lower-case letters`},
		{good + "  chapter: selct\n", `:1: one: no chapter "selct" has servers`},
		{good + "  needs: [gunicron]\n", `:1: needs: there is no "gunicron" in catalogue/needs.yaml`},
		{good + "  on-linux: [cobol]\n", `:1: one: no server is written in "cobol"`},
		{good + "  speaks: gopher\n", `:1: one: speaks: "gopher" is not echo, datagrams or mail`},
		{good + "  mistake: it sleeps\n  cure: two\n", ":1: one: it makes a mistake or cures one"},
		{another + good + "  cure: three\n", `:6: cure: there is no server "three"`},
		{good + "\n" + another + another, `:12: there is another server "two", at runnable/select/server.yaml:7`},
	} {
		_, err := load(fstest.MapFS{"select/server.yaml": {Data: []byte(x.entries)}})
		if want := "runnable/select/server.yaml" + x.want; err == nil || !strings.HasPrefix(err.Error(), want) ||
			strings.Contains(err.Error(), "catalogue.entry") {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// Servers come in the order of the book, a chapter's own first, and third-party ones last.
func TestOrder(t *testing.T) {
	folders := fstest.MapFS{}
	mixed := []string{"select/threads", "thirdparty/servers", "blocking/threads", "select", "epoll", "blocking"}
	for i, name := range mixed {
		chapter := ""
		if name == "thirdparty/servers" {
			chapter = "  chapter: wsgi\n"
		}
		entries := strings.Replace(good, "id: one", "id: s"+strconv.Itoa(i), 1) + chapter
		folders[name+"/server.yaml"] = &fstest.MapFile{Data: []byte(entries)}
	}
	all, err := load(folders)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range all {
		got = append(got, s.Folder)
	}
	want := []string{"blocking", "blocking/threads", "select", "select/threads", "epoll", "thirdparty/servers"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// Every folder has the programs that its entries promise and no others; a program without an entry belongs to the
// matrix.
func TestEntriesAndFolders(t *testing.T) {
	root := os.DirFS("..")
	for _, problem := range dangling(t, root, Servers(), Matrix()) {
		t.Error(problem)
	}
	none := Server{ID: "none", Folder: "select/none", Languages: []Language{Go}, entry: "select/none/server.yaml:1"}
	for _, x := range []struct {
		servers []Server
		want    string
	}{
		{append([]Server{none}, Servers()...), "select/none/server.yaml:1: none: there is no runnable/select/none/main.go"},
		{Servers()[1:], "runnable/blocking/main.go has no entry: describe it in runnable/blocking/server.yaml"},
	} {
		if got := dangling(t, root, x.servers, Matrix()); !slices.Contains(got, x.want) {
			t.Errorf("%q, want %q", got, x.want)
		}
	}
}

// dangling returns the entries that have no program, and the programs that have no entry.
func dangling(t *testing.T, root fs.FS, servers []Server, matrix []Grid) (problems []string) {
	t.Helper()
	promised := map[string]bool{}
	for _, g := range matrix {
		for _, v := range slices.Concat(g.Programs...) {
			promised[v.Server.Source(v.Language)] = true
		}
	}
	for _, s := range servers {
		for _, l := range s.Languages {
			promised[s.Source(l)] = true
			if _, err := fs.Stat(root, s.Source(l)); err != nil {
				problems = append(problems, s.entry+": "+s.ID+": there is no "+s.Source(l))
			}
		}
	}
	for _, file := range sourceFiles {
		for _, pattern := range []string{"runnable/*/", "runnable/*/*/"} {
			there, err := fs.Glob(root, pattern+file)
			if err != nil || len(there) == 0 {
				t.Fatal(there, err)
			}
			for _, name := range there {
				if !promised[name] {
					problems = append(problems, name+" has no entry: describe it in "+path.Join(path.Dir(name), entryFile))
				}
			}
		}
	}
	return problems
}

var order = regexp.MustCompile(`(?m)^order: (\d+)$`)

// The chapters of the catalogue are those of the book, in its order.
func TestChapters(t *testing.T) {
	before := 0
	for _, name := range chapters {
		file := "../content/" + name + "/index.md"
		text, err := os.ReadFile(file)
		if err != nil {
			t.Errorf("entries.go: chapter %q: %v", name, err)
			continue
		}
		m := order.FindSubmatch(text)
		if m == nil {
			t.Fatalf("%s: it has no order", file)
		}
		n, err := strconv.Atoi(string(m[1]))
		if err != nil || n <= before {
			t.Errorf("entries.go: %q is chapter %d in the book, and comes after chapter %d", name, n, before)
		}
		before = n
	}
}
