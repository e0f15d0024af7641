package site

import (
	"strings"
	"testing"
	"testing/fstest"
)

var withTimelines = fstest.MapFS{
	"content/index.md":     {Data: []byte("---\ntitle: The book\n---\n\n```milestones\n- year: \"1983\"\n  title: Sockets\n  chapter: one\n```\n")},
	"content/one/index.md": {Data: []byte("---\ntitle: One\norder: 1\n---\n\n## Kernels\n\n```milestones\n- year: \"1983\"\n  title: select\n  source: \"[select(2)](https://example.org/select)\"\n```\n\n## Loops\n\n```milestones\n- year: \"2009\"\n  title: Node\n  soon: true\n```\n")},
	"content/two/index.md": {Data: []byte("---\ntitle: Two\norder: 2\n---\n\nText.\n")},
	"static/timeline.css":  {},
	"runnable/a.go":        {Data: []byte("package a\n")},
}

// A chapter may have several time lines; the first page has the one that its links lead to.
func TestTimelinesOfAChapter(t *testing.T) {
	landing, one := pageOf(t, withTimelines, "index.html"), pageOf(t, withTimelines, "one.html")
	if n := strings.Count(landing, `id="timeline"`); n != 1 {
		t.Errorf("the first page has %d elements #timeline, want 1", n)
	}
	if strings.Contains(one, `id="timeline"`) {
		t.Error("a chapter has an element #timeline, and may have a second")
	}
	if n := strings.Count(one, `<ol class="timeline"`); n != 2 {
		t.Errorf("the chapter has %d time lines, want 2", n)
	}
	if want := `<p class="from"><a href="https://example.org/select" rel="external noreferrer">select(2)</a></p>`; !strings.Contains(one, want) {
		t.Errorf("the source is no link; want %s", want)
	}
	if !strings.Contains(one, "chapter to come") {
		t.Error("a planned chapter is not marked")
	}
}

func TestOnlyPagesWithTimelinesLoadTheirStyle(t *testing.T) {
	for name, want := range map[string]bool{"index.html": true, "one.html": true, "two.html": false} {
		if got := strings.Contains(pageOf(t, withTimelines, name), "static/timeline.css"); got != want {
			t.Errorf("%s names timeline.css: %v, want %v", name, got, want)
		}
	}
}
