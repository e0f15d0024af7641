package site

import (
	"strings"
	"testing"

	"era/chapters"
	"era/lab/recording"
)

// Each sign is taught in the chapter that is the first to show it, before its first experiment, and nowhere else.
func TestSignsAreTaughtOnce(t *testing.T) {
	e, err := New(root, Options{}).edition()
	if err != nil {
		t.Fatal(err)
	}
	files := built(t)
	taught := map[recording.State]string{}
	for _, c := range e.book.Chapters {
		body := files[c.Slug+".html"]
		if len(c.Labs()) == 0 {
			if strings.Contains(body, `id="page:signs"`) {
				t.Errorf("%s teaches signs and has no experiments", c.Slug)
			}
			continue
		}
		at, first := strings.Index(body, `id="page:signs"`), strings.Index(body, `data-lab="`)
		if at < 0 || at > first {
			t.Errorf("%s: signs at %d, the first experiment at %d", c.Slug, at, first)
		}
		s, err := e.view(c.Slug+".html", c.Front.Title, c).signs()
		if err != nil {
			t.Fatal(err)
		}
		lesson, _, _ := strings.Cut(body[max(at, 0):], "</details>")
		for _, l := range s.New {
			if before := taught[l.State]; before != "" {
				t.Errorf("%s is taught in %s and again in %s", l.State, before, c.Slug)
			}
			taught[l.State] = c.Slug
			if !strings.Contains(lesson, "<b>"+l.Word+"</b>: ") {
				t.Errorf("%s does not say what %q means", c.Slug, l.Word)
			}
		}
		for _, known := range s.Known {
			if link := `href="` + known.Slug + `.html#page:signs"`; !strings.Contains(body, link) {
				t.Errorf("%s does not lead to %s, which taught some of its signs", c.Slug, known.Slug)
			}
		}
		if strings.Contains(lesson, "sign-lane") != (len(s.New) > 0) {
			t.Errorf("%s: %d new signs, but a lane of them: %v", c.Slug, len(s.New), strings.Contains(lesson, "sign-lane"))
		}
	}
	for _, l := range recording.Looks {
		if taught[l.State] == "" {
			t.Errorf("no chapter teaches %s", l.State)
		}
	}
}

func TestNewSigns(t *testing.T) {
	one := &chapters.Chapter{Slug: "one"}
	here := map[string]bool{"thread": true, "task": true, "running": true, "queued": true, "failed": true, "again": true}
	s := newSigns(here,
		map[string]*chapters.Chapter{"thread": one, "running": one, "again": one, "blocked": {Slug: "two"}})
	if len(s.Kinds) != 1 || s.Kinds[0].Name != "task" {
		t.Errorf("kinds: %v, want the task", s.Kinds)
	}
	if len(s.New) != 2 || s.New[0].State != recording.Queued || s.New[1].State != recording.Failed {
		t.Errorf("new: %v, want queued and failed", s.New)
	}
	if len(s.Known) != 1 || s.Known[0] != one {
		t.Errorf("known from %v, want the first chapter", s.Known)
	}
	svg := s.lanes(&view{})
	if strings.Count(svg, "<svg") != 1 || !strings.Contains(svg, ">client<") || !strings.Contains(svg, ">2<") {
		t.Errorf("want one lane, of a client, with two signs: %s", svg)
	}
}
