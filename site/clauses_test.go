package site

import (
	"regexp"
	"strings"
	"testing"
)

const withClauses = "## Calls\n\n" +
	"```note\nclause: C2.10\ntext: It [waits](#calls).\nsource: select(2), BUGS\n```\n\n" +
	"```note\nclause: C2.9\ntext: It must wait.\nquote: must wait\nsource: PEP 342\n```\n\n" +
	"```note\ntext: A note without a number.\nsource: seen in a run\n```\n"

// The number of a note leads to the page that says what it means, and from there back; its source is a link.
func TestClauses(t *testing.T) {
	book := bookOf("one", withClauses)
	one, all := pageOf(t, book, "one.html"), pageOf(t, book, clausesPage)
	for page, wants := range map[string][]string{
		one: {
			`href="clauses.html#c2-10">C2.10</a> · <a href="https://man7.org/linux/man-pages/man2/select.2.html" rel="external noreferrer">select(2)</a>, BUGS</p>`,
			`<a href="https://peps.python.org/pep-0342/" rel="external noreferrer">PEP 342</a>: <q>must wait</q>`,
			`<p class="from">seen in a run</p>`, `<a href="clauses.html">`,
		},
		all: {`<a href="one.html#clause-c2-10">C2.10</a> One</dt>`, `It <a href="one.html#calls">waits</a>`, `: <q>must wait</q>`},
	} {
		for _, want := range wants {
			if !strings.Contains(page, want) {
				t.Errorf("no %s in\n%s", want, page[strings.Index(page, "<main"):])
			}
		}
	}
	order := regexp.MustCompile(`<dt id="([^"]*)"`).FindAllStringSubmatch(all, -1)
	if len(order) != 2 || order[0][1] != "c2-9" || order[1][1] != "c2-10" {
		t.Errorf("the clauses are %v, want c2-9 and c2-10", order)
	}
	if without := pageOf(t, bookOf("one", "Text.\n"), "one.html"); strings.Contains(without, clausesPage) {
		t.Error("a book without clauses leads to them")
	}
}

// A command is copied without its prompt, and breaks between words.
func TestCommands(t *testing.T) {
	for _, c := range []struct{ language, text, want string }{
		{"sh", "go run -set n=1 'a b'", `<span class="word">go</span> <span class="word">run</span> <span class="word">-set</span> ` +
			`<span class="word">n=1</span> <span class="word"><span class="s">&#39;a</span></span> <span class="word"><span class="s">b&#39;</span></span>`},
		{"console", "$ curl x\nhello", `<span class="prompt">$ </span><span class="command"><span class="word">curl</span> <span class="word">x</span></span>` +
			"\nhello"},
		{"text", "$ not a command", "$ not a command"},
	} {
		if got := plainCode(c.language, c.text); !strings.Contains(got, ">"+c.want+"\n</code>") {
			t.Errorf("%s: %s\nwant %s", c.text, got, c.want)
		}
	}
}

// Every page leads to the contents of the book, a chapter lists its sections, and its end leads on once.
func TestWayThroughTheBook(t *testing.T) {
	book := bookOf("one", "## Calls\n\n```know\n- x\n```\n\n```next\nchapter: two\ntext: Go on.\n```\n")
	book["content/two/index.md"] = book["content/index.md"]
	two := *book["content/two/index.md"]
	two.Data = []byte("---\ntitle: Two\norder: 2\n---\n\nText.\n")
	book["content/two/index.md"] = &two
	for page, want := range map[string]string{"one.html": "contents.html#one", "two.html": "contents.html#two",
		"404.html": "contents.html", "source/a.go.html": "../contents.html"} {
		if !strings.Contains(pageOf(t, book, page), `href="`+want+`"`) {
			t.Errorf("%s does not lead to %s", page, want)
		}
	}
	one := pageOf(t, book, "one.html")
	for _, want := range []string{`rel="next" href="two.html"`, `<li><a href="#calls">Calls</a></li>`,
		`<li><a href="#page:know-title">What you now know</a></li>`} {
		if !strings.Contains(one, want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Count(one, `rel="next"`) != 1 { // that of the masthead
		t.Error("the end of the chapter leads on twice")
	}
}
