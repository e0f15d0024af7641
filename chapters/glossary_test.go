package chapters

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/yuin/goldmark/ast"
)

const words2 = front + "```glossary\n" +
	"- term: event loop\n  forms: [event loop, event loops]\n  text: Turns. And turns.\n  see: \"[one](../one/index.md#first)\"\n" +
	"- term: loop\n  text: Round.\n  see: \"[one](../one/index.md)\"\n" +
	"- term: EAGAIN\n  text: Not now.\n  see: \"[one](../one/index.md)\"\n" +
	"- term: send\n  forms: []\n  text: Away.\n  see: \"[one](../one/index.md)\"\n```\n"

// linkedIn lists the words of a chapter that lead to the glossary, as "ID:WORD".
func linkedIn(c *Chapter) []string {
	var all []string
	for _, b := range c.Blocks {
		prose, is := b.(Prose)
		if !is {
			continue
		}
		ast.Walk(prose.Node, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			if t, is := n.(*TermLink); is && entering {
				all = append(all, t.Term.ID+":"+plain(t, prose.Source))
			}
			return ast.WalkContinue, nil
		})
	}
	return all
}

func TestTermsAreLinkedOnceInRunningText(t *testing.T) {
	for text, want := range map[string]string{
		"## First\n\nAn event loop, another event loop.":                "event-loop:event loop",
		"## First\n\nEvent loops turn. A loop too.\n\nA loop.":          "event-loop:Event loops loop:loop",
		"## First\n\n### A loop\n\nNothing.":                            "",
		"## First\n\nSee `loop` and [the loop](https://e.org).":         "",
		"## First\n\n| loop | b |\n|---|---|\n| loop | c |\n\n> a loop": "",
		"## First\n\n- a *loop*\n- this loop\n":                         "loop:loop",
		"## First\n\nloops, for-loop, loopy, loop_2, snoop":             "",
		"## First\n\nEagain, eagain, EAGAIN, send":                      "EAGAIN:EAGAIN",
		"## First\n\nA loop\nover two lines, an event loop":             "loop:loop event-loop:event loop",
	} {
		book, err := Load(fixture(map[string]string{"content/one/index.md": front + text, "content/words/index.md": words2}))
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		got := strings.Join(linkedIn(book.Chapter("one")), " ")
		got, want = strings.ToLower(got), strings.ToLower(want)
		if got != want {
			t.Errorf("%q: linked %q, want %q", text, got, want)
		}
		if wanted, is := book.Chapter("one").Blocks[0].(Prose); is && strings.Contains(text, "two lines") &&
			!strings.Contains(wanted.Plain(), "A loop over two lines") {
			t.Errorf("the text around a link has changed: %q", wanted.Plain())
		}
	}
}

func TestMistakesInAGlossary(t *testing.T) {
	for yaml, want := range map[string]string{
		"- term: a\n  text: b\n": "words/index.md:7: glossary: \"a\": each term needs a term, a text, and a link in see",
		"- term: a\n  text: b\n  see: \"[x](../one/index.md)\"\n- term: b\n  forms: [A]\n  text: c\n  see: \"[x](../one/index.md)\"\n": "words/index.md:10: glossary: b: the form \"A\" is taken by a",
		"- term: a\n  tekst: b\n": "unknown key \"tekst\"",
		"- term: a\n  text: b\n  see: \"[x](../one/index.md#nowhere)\"\n": "has no anchor #nowhere",
	} {
		_, err := Load(fixture(map[string]string{"content/words/index.md": front + "```glossary\n" + yaml + "```\n"}))
		if err == nil || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%q: %v, want %q", yaml, err, want)
		}
	}
}

func TestADirectoryIsChecked(t *testing.T) {
	dated := func(dates, more string) string {
		return front + "```directory\ntitle: Servers\nentries:\n- name: S\n  text: It serves.\n  source: \"[page](https://e.org)\"\n" + dates + more + "```\n"
	}
	entry := func(more string) string { return dated("  checked: 2026-11-23\n", more) }
	for text, want := range map[string]string{
		entry(""): "",
		entry("  way: async\n  stands-on: It.\n"): "",
		entry("  way: fast\n"):                    `one/index.md:9: directory: S: unknown way "fast"`,
		entry("  state: dead\n"):                  `unknown state "dead"`,
		entry("  state: active\n"):                `a state needs its words, with a date, in the key "today"`,
		entry("  stars: 5\n"):                     `unknown key "stars"`,
		entry("- name: S\n  text: Again.\n  source: \"[page](https://e.org)\"\n"): "one/index.md:13: the anchor #s occurs twice",
		entry("- name: T\n  text: No source.\n"):                                  "one/index.md:13: directory: T: source must hold a link",
		entry("- name: T\n  source: \"[page](https://e.org)\"\n"):                 `directory: T: the key "text" is missing`,

		dated("", ""):                         `one/index.md:9: directory: S: the key "checked" is missing`,
		dated("  checked:\n", ""):             `one/index.md:9: directory: S: the key "checked" is missing`,
		dated("  checked: 23 Nov 2026\n", ""): `one/index.md:12: directory: S: checked: "23 Nov 2026" is not a date such as 2026-11-30`,
		dated("  checked: 2026-11-31\n", ""):  `one/index.md:12: directory: S: checked: "2026-11-31" is not a date`,
		entry("  seen: 2026-08-22\n"):         "",
		entry("  seen: August\n"):             `one/index.md:13: directory: S: seen: "August" is not a date`,
		entry("  seen: 2026-11-24\n"):         `one/index.md:13: directory: S: seen: 2026-11-24 is later than checked: 2026-11-23`,
		entry("  seen: 2026-11-23\n"):         "",
		entry("  checked: 2026-11-24\n"):      `key "checked" already`,
	} {
		_, err := Load(fixture(map[string]string{"content/one/index.md": text}))
		if (err == nil) != (want == "") || want != "" && !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s\n%v, want %q", text, err, want)
		}
	}
}

// TestEveryChapterLeadsToTheGlossary checks the book as it is: each chapter links some terms, each of them once.
func TestEveryChapterLeadsToTheGlossary(t *testing.T) {
	book, err := Load(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	home := book.GlossaryPage()
	for _, c := range book.Chapters {
		seen := map[string]bool{}
		for _, link := range linkedIn(c) {
			id, _, _ := strings.Cut(link, ":")
			if seen[id] {
				t.Errorf("%s: %s is linked twice", c.File, id)
			}
			seen[id] = true
		}
		if (len(seen) > 0) == (c.Slug == home) {
			t.Errorf("%s links %d terms", c.File, len(seen))
		}
	}
}

// A date in the future is a typing error. The book itself does not ask the clock: a reader's clock may be wrong.
func TestNoEntryWasCheckedInTheFuture(t *testing.T) {
	book, err := Load(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	entries := 0
	for _, c := range book.Chapters {
		for _, block := range c.Blocks {
			d, _ := block.(Directory)
			for _, e := range d.Entries {
				entries++
				if e.Checked.After(time.Now().Add(24 * time.Hour)) { // the day begins earlier elsewhere
					t.Errorf("%s: %s was checked on %s", c.File, e.Name, e.Checked.Format(time.DateOnly))
				}
			}
		}
	}
	if entries == 0 {
		t.Error("no entries")
	}
}
