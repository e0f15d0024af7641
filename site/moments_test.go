package site

import (
	"encoding/json"
	"html"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"era/lab/recording"
	"era/lab/story"
)

// bookOfOneSlow is a book with the recorded run of one-slow, and more keys of its block.
func bookOfOneSlow(t *testing.T, more string) fstest.MapFS {
	t.Helper()
	data, err := os.ReadFile("../content/blocking/recordings/one-slow.json")
	if err != nil {
		t.Fatal(err)
	}
	run, err := recording.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	book := recorded(t, run, &recording.Matrix{})
	page := book["content/one/index.md"]
	page.Data = []byte(strings.Replace(string(page.Data), "servers: [blocking, select]",
		"servers: [blocking, threads]\npredict: How many?\nmeasure: fast.answered\n"+
			"caption: None of them was answered.\n"+more, 1))
	return book
}

// The story of a recorded run is a list with links, its numbers stand on the picture, and the script has the same.
func TestStoryOfARecordedRun(t *testing.T) {
	book := bookOfOneSlow(t, "")
	page := pageOf(t, book, "one.html")
	items := regexp.MustCompile(`(?s)<li id="(lab-run@[\d.]+s)"><a href="#(.*?)">([\d.]+ \S+)</a> <b>(.*?)</b> (.*?)</li>`).
		FindAllStringSubmatch(page, -1)
	script := pageOf(t, book, "recordings/run.js")
	var run struct{ Moments []story.Moment }
	data := script[strings.Index(script, ",")+1 : strings.LastIndex(script, ")")]
	if err := json.Unmarshal([]byte(data), &run); err != nil {
		t.Fatal(err)
	}
	if len(items) != 5 || len(run.Moments) != len(items) {
		t.Fatalf("%d moments in the page, %d in its script", len(items), len(run.Moments))
	}
	for i, item := range items {
		m := run.Moments[i]
		if item[1] != item[2] || item[1] != "lab-run@"+m.Time || html.UnescapeString(item[5]) != m.Words {
			t.Errorf("item %q, moment %+v", item[1:], m)
		}
	}
	if items[0][4] != "Blocking · Go" || items[4][4] != "both servers" {
		t.Errorf("it happened at %q and %q", items[0][4], items[4][4])
	}
	for _, number := range []string{"①", "②", "③", "④", "⑤"} {
		if !regexp.MustCompile(`<g class="moments">.*<text x="\d+">` + number + `</text>`).MatchString(page) {
			t.Errorf("the picture has no moment %s", number)
		}
	}
}

// Nothing of a result stands on the page before a reader unfolds it.
func TestResultsAreFolded(t *testing.T) {
	page := pageOf(t, bookOfOneSlow(t, ""), "one.html")
	section := page[strings.Index(page, `<section class="lab"`):]
	section = section[:strings.Index(section, "</section>")]
	before, rest, found := strings.Cut(section, `<details class="lab-recorded">`)
	folded, after, closed := strings.Cut(rest, "</details>")
	if !found || !closed {
		t.Fatal("the result is not folded")
	}
	order := []string{"<svg", `class="story"`, `class="verdicts"`, "<table", "None of them was answered."}
	at := 0
	for _, part := range order {
		i := strings.Index(folded[at:], part)
		if i < 0 {
			t.Fatalf("no %s, or not after what must come before it, in %q", part, order)
		}
		at += i
		if strings.Contains(before, part) || strings.Contains(after, part) {
			t.Errorf("%s stands beside the question", part)
		}
	}
	if !strings.Contains(before, "How many?") {
		t.Error("the question is not before the result")
	}
}

// An author's story takes the place of the one that was found, and the build checks it, with file and line.
func TestStoryOfAnAuthor(t *testing.T) {
	const good = "story:\n  - first: blocked\n    say: Thread 1 goes to sleep.\n" +
		"  - most: queued\n    of: fast\n    say: \"{queued} wait.\"\n  - at: 1.95s\n    say: All is over.\n"
	page := html.UnescapeString(pageOf(t, bookOfOneSlow(t, good), "one.html"))
	for _, want := range []string{"Thread 1 goes to sleep.", "20 wait.", `id="lab-run@1.95s"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	for wrong, want := range map[string]string{
		strings.Replace(good, "first: blocked", "first: backpressure", 1): "content/one/index.md:17: lab \"run\": backpressure: in the recording, no lane",
		strings.Replace(good, "1.95s", "9s", 1):                           "content/one/index.md:22: lab \"run\": at \"9s\": want a time within the run",
		strings.Replace(good, "All is", "All 7 are", 1):                   "content/one/index.md:22: lab \"run\": say: the number 7",
		good[:strings.LastIndex(good, "  - at")]:                          "content/one/index.md:8: lab \"run\": a story has 3 to 5 moments, not 2",
	} {
		s := New(bookOfOneSlow(t, wrong), Options{})
		problems, _, err := s.Problems()
		if err != nil || len(problems) == 0 || !strings.HasPrefix(problems[0].String(), want) {
			t.Errorf("%v, %v: want %s", problems, err, want)
		}
	}
}
