package chapters

import (
	"maps"
	"strings"
	"testing"
)

const original = front + `## First

One. [First](#first).

Two,
in two lines.

` + "```sh\nls\n```\n\n" + `- a
- b

` + "```lab\nname: try\ntitle: Try it\nscenario: s\nservers: [x]\npredict: How many?\nmeasure: fast.answered\n" +
	"guess: {kind: choice, options: {none: 0, all: 2}}\ncaption: \"None: [first](#first).\"\n```\n\n" +
	"```quiz\ntitle: A cause\nquestion: Why?\noptions: [a, b]\nanswer: 2\nwhy: \"So it is.\"\n```\n"

const translated = "---\ntitle: Đề\nof: \"?\"\n---\n" + `
<!-- ? -->
## Thứ nhất {#first}

<!-- ? -->
Một. [Đây](#first).

<!-- ? -->
Hai,

thành hai đoạn.

<!-- ? -->
- a'
- b'

<!-- ? -->
` + "```lab\nname: try\ntitle: Thử\npredict: Bao nhiêu?\nguess:\n  options: [không, tất cả]\ncaption: \"Không: [đầu](#first).\"\n```\n" + `
<!-- ? -->
` + "```quiz\ntitle: Một lý do\nquestion: Vì sao?\noptions: [một, hai]\nwhy: Thế đấy.\n```\n"

// stamped returns the translation with the marks of the original in place of each ?, as `serve translations -mark`
// writes them.
func stamped(t *testing.T) string {
	t.Helper()
	c := translatedPage(t, map[string]string{"content/one/index.md": original, "content/one/index.vi.md": translated})
	lines := strings.SplitAfter(translated, "\n")
	for _, m := range c.Marks {
		if m.Was != "?" {
			t.Fatalf("%+v was never marked", m)
		}
		lines[m.Line-1] = strings.Replace(lines[m.Line-1], "?", m.Is, 1)
	}
	if text := strings.Join(lines, ""); !strings.Contains(text, "?"+" -->") && !strings.Contains(text, `of: "?"`) {
		return text
	}
	t.Fatalf("some blocks got no mark: %v", c.Behind)
	return ""
}

// translatedPage returns the translation of the chapter.
func translatedPage(t *testing.T, files map[string]string) *Chapter {
	t.Helper()
	book, err := Load(fixture(files))
	if err != nil {
		t.Fatal(err)
	}
	c := book.In("vi").Page("one")
	if len(c.Blocks) != len(c.Standings) {
		t.Fatalf("%d blocks, and %d standings", len(c.Blocks), len(c.Standings))
	}
	return c
}

func TestTranslation(t *testing.T) {
	c := translatedPage(t, map[string]string{"content/one/index.md": original, "content/one/index.vi.md": stamped(t)})
	if len(c.Behind) > 0 {
		t.Errorf("a translation that is up to date is behind: %v", c.Behind)
	}
	for i, s := range c.Standings {
		if s != (Standing{}) {
			t.Errorf("block %d: %+v", i, s)
		}
	}
	if c.Front.Title != "Đề" || c.Front.Order != 1 || c.HeadChanged {
		t.Errorf("front matter: %+v", c.Front)
	}
	if len(c.Headings) != 1 || c.Headings[0].ID != "first" || c.Headings[0].Text != "Thứ nhất" {
		t.Errorf("headings: %+v", c.Headings)
	}
	lab := c.Labs()[0]
	if lab.Title != "Thử" || lab.Scenario != "s" || lab.Measure != "fast.answered" ||
		lab.Guess.Options[1].Words != "tất cả" ||
		lab.Guess.Options[1].From != "2" || lab.Recording() != "content/one/recordings/try.json" {
		t.Errorf("the lab is not the original's with other words: %+v", lab)
	}
	if q := c.Blocks[len(c.Blocks)-1].(Quiz); q.Answer != 2 || q.Title != "Một lý do" || q.ID != "quiz-1" ||
		q.Options[1].Plain() != "hai" {
		t.Errorf("the quiz is not the original's with other words: %+v", q)
	}
	var shown []string
	for _, b := range c.Blocks {
		if p, is := b.(Prose); is {
			shown = append(shown, p.Plain())
		}
	}
	if got := strings.Join(shown, "|"); !strings.Contains(got, "thành hai đoạn.") || strings.Contains(got, "Two") {
		t.Errorf("text: %q", got)
	}
}

// An edit of the original is found, whatever else has moved; what is not translated falls back. Neither is a mistake.
func TestTranslationsFallBack(t *testing.T) {
	text := stamped(t)
	without := func(block string) string {
		before, after, found := strings.Cut(text, block)
		if !found {
			t.Fatalf("no %q", block)
		}
		return before[:strings.LastIndex(before, "<!--")] + after
	}
	const en, changed = "original", "changed"
	for name, c := range map[string]struct {
		original, translated string
		want                 map[string]string // by what a block holds: how it stands; all others are as translated
		behind               string
	}{
		"a line is broken elsewhere": {strings.Replace(original, "Two,\nin", "Two, in", 1), text, nil, ""},
		"a paragraph is changed": {
			strings.Replace(original, "Two,", "Twice,", 1),
			text,
			map[string]string{"Hai": changed},
			"content/one/index.vi.md:12: the original, content/one/index.md:10, has changed since",
		},
		"one is added before it": {
			strings.Replace(original, "Two,", "New.\n\nTwo,", 1),
			text,
			map[string]string{"New.": en},
			"content/one/index.md:10: not yet in index.vi.md: paragraph",
		},
		"one is taken away": {
			strings.Replace(original, "Two,\nin two lines.\n\n", "", 1),
			text,
			nil,
			"content/one/index.vi.md:12: the original of this block is gone",
		},
		"one moves": {
			strings.NewReplacer("Two,\nin two lines.\n\n", "", "## First\n", "## First\n\nTwo, in two lines.\n").
				Replace(original),
			text,
			nil,
			"",
		},
		"a heading is changed": {
			strings.Replace(original, "## First", "## The first {#first}", 1),
			text,
			map[string]string{"Thứ nhất": changed},
			"has changed since",
		},
		"one is not translated": {
			original,
			without("Hai,\n\nthành hai đoạn.\n\n"),
			map[string]string{"Two": en},
			"not yet in index.vi.md",
		},
		"a lab's number is changed": {strings.Replace(original, "servers: [x]", "servers: [y]", 1), text, nil, ""},
		"a lab's word is changed": {
			strings.Replace(original, "How many?", "How few?", 1),
			text,
			map[string]string{"lab": changed},
			"has changed since",
		},
		"a lab's answers are more": {
			strings.Replace(original, "none: 0,", "none: 0, one: 1,", 1),
			text,
			map[string]string{"lab": en},
			"has changed since",
		},
		"the lab is not translated": {
			original,
			without(text[strings.Index(text, "```lab") : strings.Index(text, "```quiz")-len("<!-- 12345678 -->\n")]),
			map[string]string{"lab": en},
			"not yet in index.vi.md: lab",
		},
		"two of a kind have changed": {
			strings.NewReplacer("One.", "Uno.", "Two,", "Due,").Replace(original),
			text,
			map[string]string{"Một": changed, "Hai": changed},
			"has changed since",
		},
		"which is which is not clear": {
			strings.NewReplacer("One.", "Uno.", "Two,", "New.\n\nDue,").Replace(original),
			text,
			map[string]string{"Uno.": en},
			"cannot be told from others",
		},
	} {
		t.Run(name, func(t *testing.T) {
			page := translatedPage(t,
				map[string]string{"content/one/index.md": c.original, "content/one/index.vi.md": c.translated})
			got := map[string]string{}
			for i, b := range page.Blocks {
				text := "quiz"
				switch b := b.(type) {
				case Prose:
					text = b.Plain()
				case *Lab:
					text = "lab"
				}
				stands := map[Standing]string{{Original: true}: en, {Changed: true}: changed}[page.Standings[i]]
				for want := range c.want {
					if strings.Contains(text, want) {
						got[want] = stands
						stands = ""
					}
				}
				if stands != "" {
					t.Errorf("%q is %s", text, stands)
				}
			}
			if !maps.Equal(got, c.want) && len(got)+len(c.want) > 0 {
				t.Errorf("blocks stand as %v, want %v", got, c.want)
			}
			if (c.behind == "") != (len(page.Behind) == 0) || !strings.Contains(page.Behind.Error(), c.behind) {
				t.Errorf("behind: %v, want %q", page.Behind, c.behind)
			}
		})
	}
}

func TestMistakesOfTranslations(t *testing.T) {
	text := stamped(t)
	for name, c := range map[string]struct{ from, to, want string }{
		"a link to nowhere": {"(#first).\n", "(#none).\n", "content/one/index.vi.md:10: link #none"},
		"a key that is no text": {
			"title: Thử\n",
			"title: Thử\nservers: [y]\n",
			`lab: "servers[0]" is not among the words of the original`,
		},
		"another lab":           {"name: try", "name: tray", `lab: "name" is not among the words of the original`},
		"a text is missing":     {"why: Thế đấy.\n", "", `quiz: "why" is not translated`},
		"too few options":       {"[một, hai]", "[một]", `quiz: "options[1]" is not translated`},
		"broken YAML":           {"options: [một, hai]", "options: [một, hai", "quiz: cannot be read"},
		"a link in a directive": {"[đầu](#first)", "[đầu](#none)", "link #none"},
		"another level":         {"## Thứ", "### Thứ", "the original is a heading of level 2"},
		"no mark": {
			"---\n\n<!--",
			"---\n\nText.\n\n<!--",
			"content/one/index.vi.md:6: no mark stands before this",
		},
		"nothing after a mark": {"- a'\n- b'\n", "", "nothing stands after this mark"},
		"HTML":                 {"Hai,", "<b>Hai</b>,", "HTML is not shown"},
		"an unknown key":       {"title: Đề\n", "title: Đề\norder: 2\n", `content/one/index.vi.md:3: unknown key "order"`},
		"a title is missing":   {"title: Đề\n", "", "the front matter must translate"},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(text, c.from) {
				t.Fatalf("no %q", c.from)
			}
			_, err := Load(fixture(map[string]string{"content/one/index.md": original,
				"content/one/index.vi.md": strings.Replace(text, c.from, c.to, 1)}))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
	_, err := Load(fixture(map[string]string{"content/one/index.VI.md": text}))
	if want := "content/one/index.VI.md:1: the name of a translation is"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
