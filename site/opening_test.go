package site

import (
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"era/chapters"
	"era/lab/recording"
)

// The first page asks about a run of the book which is not the first of a chapter, and shows nothing of its result.
func TestOpeningOfTheBook(t *testing.T) {
	e, err := New(root, Options{}).edition()
	if err != nil {
		t.Fatal(err)
	}
	o := e.book.Opening()
	if o == nil {
		t.Fatal("the first page has no opening")
	}
	for _, c := range e.book.Chapters {
		if labs := c.Labs(); len(labs) > 0 && labs[0].Name == o.Lab {
			t.Errorf("it answers the first question of %s", c.File)
		}
	}
	body := built(t)["index.html"]
	found := regexp.MustCompile(`data-film="([^"]*)"`).FindStringSubmatch(body)
	if found == nil {
		t.Fatal("the page has no film")
	}
	var f film
	if err := json.Unmarshal([]byte(html.UnescapeString(found[1])), &f); err != nil {
		t.Fatal(err)
	}
	lanes := 1
	for _, g := range f.Groups {
		lanes += g.Lanes
	}
	for _, track := range f.Tracks {
		if len(track.Lanes) != lanes || len(track.Marks) < lanes {
			t.Errorf("%s: %d lanes, %d marks; want %d lanes, more marks", track.ID, len(track.Lanes), len(track.Marks), lanes)
		}
	}
	for _, part := range []string{`<details class="film-still">`, `<title id="p-opening">`, `<div class="film-told" `} {
		if !strings.Contains(body, part) {
			t.Errorf("without scripts the page lacks %s", part)
		}
	}
	shown := regexp.MustCompile(`(?s)<(details class="film-still"|div class="film-told").*?</(details|div)>`).ReplaceAllString(body, "")
	if strings.Contains(shown, `class="lanes"`) || strings.Contains(shown, `<ul class="verdicts">`) {
		t.Error("a result is on the first page, and not folded")
	}
}

func TestOpeningAnswer(t *testing.T) {
	const ms = int64(time.Millisecond)
	choices := []chapters.OpeningChoice{{At: 500 * time.Millisecond}, {At: 1500 * time.Millisecond}, {}}
	for name, c := range map[string]struct {
		replies []int64 // ms
		want    int
		wrong   string
	}{
		"near the second":        {[]int64{1600, 1509}, 1, ""},
		"the first reply counts": {[]int64{1600, 510}, 0, ""},
		"none":                   {nil, 2, ""},
		"before the question":    {[]int64{410}, 0, "stops at 420ms to ask what has happened at 410ms"},
	} {
		track := recording.Track{Lanes: []recording.Lane{{ID: 0, Kind: "connection", Group: "slow"},
			{ID: 1, Kind: "connection", Group: "fast"}}}
		track.Marks = append(track.Marks, recording.Mark{Lane: 0, At: 5 * ms, State: recording.Answered})
		for _, at := range c.replies {
			track.Marks = append(track.Marks, recording.Mark{Lane: 1, At: at * ms, State: recording.Answered})
		}
		got, err := answer(track, &chapters.Opening{Stop: 420 * time.Millisecond, Choices: choices,
			Groups: []chapters.OpeningGroup{{Name: "slow"}, {Name: "fast"}}})
		if said := fmt.Sprint(err); got != c.want || !strings.Contains(said, c.wrong) || c.wrong == "" && err != nil {
			t.Errorf("%s: choice %d, %v; want %d, %q", name, got, err, c.want, c.wrong)
		}
	}
	one := &chapters.Opening{Choices: choices[:2], Groups: []chapters.OpeningGroup{{Name: "fast"}}}
	if _, err := answer(recording.Track{}, one); err == nil {
		t.Error("no reply, and no choice says never: no error")
	}
}

// The list on the first page has every chapter once, by its own name, with its number and minutes.
func TestBookContents(t *testing.T) {
	e, err := New(root, Options{}).edition()
	if err != nil {
		t.Fatal(err)
	}
	_, list, found := strings.Cut(built(t)["index.html"], `<nav id="chapters"`)
	list, _, closed := strings.Cut(list, "</nav>")
	if !found || !closed {
		t.Fatal("the first page has no list of chapters")
	}
	var got, want []string
	item := regexp.MustCompile(`<li><span class="shelf-number">(\d+|·)</span> <a href="([^"]*)">([^<]*)</a> ` +
		`(?:<span class="shelf-year">\d+</span> )?<span class="shelf-minutes">(\d+) min</span></li>`)
	for _, m := range item.FindAllStringSubmatch(list, -1) {
		got = append(got, fmt.Sprint(m[1:]))
	}
	for _, c := range e.book.Chapters {
		want = append(want, fmt.Sprintf("[%s %s.html %s %d]", number(c), c.Slug, html.EscapeString(listed(c)),
			c.Front.Minutes))
	}
	if !slices.Equal(got, want) {
		t.Errorf("the list has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
