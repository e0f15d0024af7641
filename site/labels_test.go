package site

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"era/lab/recording"
)

// oneSlow returns a run in which a thread is blocked on a client, and all others give up waiting.
func oneSlow(fast int) *recording.Recording {
	t := recording.Track{Lanes: []recording.Lane{{ID: 0, Kind: "thread", Name: "thread 1"},
		{ID: 1, Kind: "connection", Name: "slow 1", Group: "slow"}}}
	add := func(m recording.Mark) {
		m.Count, m.Site = 1, -1
		t.Marks = append(t.Marks, m)
	}
	for lane := range 2 {
		add(recording.Mark{Lane: lane, At: 10 * ms, Took: 1900 * ms, State: recording.Blocked, Call: "read", FD: 7})
	}
	for i := range fast {
		lane, at := len(t.Lanes), int64(100+20*i)*ms
		t.Lanes = append(t.Lanes, recording.Lane{ID: lane, Kind: "connection", Name: fmt.Sprint("fast ", i+1), Group: "fast"})
		add(recording.Mark{Lane: lane, At: at, Took: 1800*ms - at, State: recording.Queued, FD: -1})
		add(recording.Mark{Lane: lane, At: 1800 * ms, State: recording.Failed, Errno: "gave up waiting", FD: -1})
	}
	return &recording.Recording{Length: 2000 * ms, Tracks: []recording.Track{t}, Result: recording.Result{
		Servers: []recording.Server{{PerGroup: map[string]recording.Group{
			"fast": {Requests: recording.Requests{Sent: fast, Failed: fast}}}}}}}
}

// The picture says what its lanes show; a fold says how its clients fared, and a sign that stands for many says so.
func TestLabels(t *testing.T) {
	for _, c := range []struct {
		fast   int
		labels []string
	}{
		{3, []string{"blocked in read on slow 1", "waits to be accepted", "gave up waiting", "fast 3"}},
		{20, []string{"blocked in read on slow 1", "20 wait to be accepted", "gave up waiting ×20", "0 answered",
			"20 failed"}},
		{50, []string{"blocked in read on slow 1", "fast × 50", "0 answered", "50 failed", "×50"}},
	} {
		svg, _ := drawPicture("p", oneSlow(c.fast), []string{"one"}, 1<<20)
		for _, text := range c.labels {
			if n := strings.Count(svg, ">"+text+"<"); n != 1 {
				t.Errorf("%d clients: %d of %q in %s", c.fast, n, text, svg)
			}
		}
		within(t, svg)
	}
}

var label = regexp.MustCompile(`<text x="(\d+)" y="(\d+)">([^<]+)</text>`)

// within checks that labels are within the picture, and that none lies on another.
func within(t *testing.T, svg string) {
	t.Helper()
	_, labels, _ := strings.Cut(svg, `<g class="says">`)
	labels, _, _ = strings.Cut(labels, "</g>")
	var all []box
	for _, m := range label.FindAllStringSubmatch(labels, -1) {
		x, _ := strconv.ParseFloat(m[1], 64)
		y, _ := strconv.ParseFloat(m[2], 64)
		b := box{x, y, widthOf(m[3])}
		if b.x < gutter || b.x+b.width > pictureWidth {
			t.Errorf("%q is outside: %+v", m[3], b)
		}
		for _, other := range all {
			if b.x < other.x+other.width && other.x < b.x+b.width && b.y < other.y+labelHeight && other.y < b.y+labelHeight {
				t.Errorf("%q lies on another label, %+v on %+v", m[3], b, other)
			}
		}
		all = append(all, b)
	}
}

// With little room, groups are drawn as their sum.
func TestPicturesKeepWithinTheirRoom(t *testing.T) {
	open, _ := drawPicture("p", oneSlow(20), []string{"one"}, 1<<20)
	folded, _ := drawPicture("p", oneSlow(20), []string{"one"}, len(open)-1)
	if len(folded) >= len(open) || !strings.Contains(folded, ">20 failed<") || !strings.Contains(folded, ">×20<") {
		t.Errorf("%d bytes instead of %d: %s", len(folded), len(open), folded)
	}
}

func TestMostAtOnce(t *testing.T) {
	mark := func(at, took int64) recording.Mark {
		return recording.Mark{At: at, Took: took, State: recording.Queued}
	}
	rows := []row{{marks: []recording.Mark{mark(0, 10), mark(20, 10)}},
		{marks: []recording.Mark{mark(10, 5), mark(22, 4)}}}
	if n, from, to := most(rows, recording.Queued); n != 2 || from != 22 || to != 26 {
		t.Errorf("%d from %d to %d, want 2 from 22 to 26", n, from, to)
	}
}
