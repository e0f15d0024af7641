package site

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/a-h/templ"

	"era/chapters"
	"era/lab/recording"
	"era/lab/scenario"
	"era/lab/words"
)

// slower is how many times slower than the recorded run the film on the first page is.
const slower = 4

// openingView is the template's data of the first page's experiment.
type openingView struct {
	*chapters.Opening
	Chapter string // slug, of the run
	Rec     *recording.Recording
	Film    string // what the player needs, as JSON
	Answer  int    // index of the choice that the run proves right
	Asked   int    // how many clients the question is about
	Picture string // of the whole run, for readers without scripts
	Signs   []sign
}

// sign explains what the picture shows of a state.
type sign struct {
	State recording.State
	Say   string
}

// film is what the player gets. Times are in ns.
type film struct {
	Length  int64                      `json:"length"`
	Stop    int64                      `json:"stop"`
	Slower  int                        `json:"slower"`
	Groups  []filmGroup                `json:"groups"` // of connections, from the top down; the last is asked about
	Tracks  []filmTrack                `json:"tracks"`
	Signs   map[recording.State]string `json:"signs"`
	Request request                    `json:"request"` // for a live run
}

type filmGroup struct {
	Name  string `json:"name"`
	Say   string `json:"say"`
	Lanes int    `json:"lanes"`
}

// filmTrack is one server. Its marks are shorter than those of a recording: lane, beginning, duration, state.
type filmTrack struct {
	ID       string           `json:"id"`
	Language string           `json:"language"`
	Lanes    []recording.Lane `json:"lanes"`
	Marks    [][4]any         `json:"marks"`
}

// request is an experiment as serve's WebSocket takes it.
type request struct {
	Servers  []string          `json:"servers"`
	Scenario string            `json:"scenario"`
	Settings scenario.Settings `json:"settings"`
	Seed     uint64            `json:"seed"`
}

// opening shows the first page's experiment where there is one that was recorded.
func (v *view) opening() templ.Component {
	for i, b := range v.chapter.Blocks {
		o, is := b.(*chapters.Opening)
		if !is {
			continue
		}
		view, err := v.openingView(o)
		if err != nil {
			return raw("", fmt.Errorf("the opening: %w", err))
		}
		if view != nil {
			return openingBlock(v.block(i), view)
		}
	}
	return openingMissing(v)
}

// openingView returns nil when there is no recorded run.
func (v *view) openingView(o *chapters.Opening) (*openingView, error) {
	lab := v.e.book.Lab(o.Lab) // the book was refused without it
	e, wrong := Resolve(lab)
	if len(wrong) > 0 {
		return nil, wrong[0]
	}
	whole, err := v.e.recorded(lab)
	if err != nil {
		return nil, nil // as for a lab: an empty state, and `serve build` refuses
	}
	rec, err := openingOf(whole, lab, o)
	if err != nil {
		return nil, err
	}
	view := &openingView{Opening: o, Chapter: lab.Chapter, Rec: rec}
	f := film{Length: rec.Length, Stop: int64(o.Stop), Slower: slower, Signs: map[recording.State]string{},
		Request: request{o.Servers, lab.Scenario, e.Settings, e.Seed}}
	for _, g := range o.Groups {
		view.Asked = len(lanesOf(rec.Tracks[0], g.Name))
		if view.Asked == 0 {
			return nil, fmt.Errorf("lab %q has no clients %q", o.Lab, g.Name)
		}
		f.Groups = append(f.Groups, filmGroup{g.Name, g.Say, view.Asked})
	}
	if view.Answer, err = answer(rec.Tracks[0], o); err != nil {
		return nil, err
	}
	for i, t := range rec.Tracks {
		s := rec.Result.Servers[i]
		f.Tracks = append(f.Tracks, filmTrack{s.ID, s.Language, t.Lanes, short(t.Marks)})
	}
	for _, look := range recording.Looks {
		if say := o.Signs[string(look.State)]; say != "" {
			view.Signs = append(view.Signs, sign{look.State, say})
			f.Signs[look.State] = say
		}
	}
	data, err := json.Marshal(f)
	view.Film = string(data)
	view.Picture, _ = drawPicture("p-opening", rec, []string{v.say("Server %1", "A"), v.say("Server %1", "B")}, v.room())
	return view, err
}

// openingOf returns what the first page shows of a recording: two servers, the first thread of each, and what the
// clients saw of it.
func openingOf(whole *recording.Recording, lab *chapters.Lab, o *chapters.Opening) (*recording.Recording, error) {
	rec := *whole
	rec.Tracks, rec.Result.Servers = nil, nil
	for _, name := range o.Servers {
		i := slices.Index(lab.Servers, name)
		if i < 0 || i >= len(whole.Tracks) {
			return nil, fmt.Errorf("the recording of lab %q is of other servers", o.Lab)
		}
		rec.Result.Servers = append(rec.Result.Servers, whole.Result.Servers[i])
		rec.Tracks = append(rec.Tracks, visitors(whole.Tracks[i], o))
	}
	return &rec, nil
}

// visitors leaves out what a visitor has no words for: tasks, calls that returned at once, and what is too short to be
// seen.
func visitors(t recording.Track, o *chapters.Opening) recording.Track {
	number := map[int]int{} // by the number in t
	var seen recording.Track
	keep := func(l recording.Lane) {
		number[l.ID] = len(seen.Lanes)
		l.ID = len(seen.Lanes)
		seen.Lanes = append(seen.Lanes, l)
	}
	if i := slices.IndexFunc(t.Lanes, func(l recording.Lane) bool { return l.Kind == "thread" }); i >= 0 {
		keep(t.Lanes[i])
	}
	for _, g := range o.Groups {
		for _, l := range lanesOf(t, g.Name) {
			keep(l)
		}
	}
	for _, m := range t.Marks {
		lane, shown := number[m.Lane]
		if !shown {
			continue
		}
		end := m.State.Look().End && m.Call == ""
		if seen.Lanes[lane].Kind == "thread" {
			shown = !m.State.Moment() && m.Took >= int64(time.Millisecond)
		} else {
			shown = end || !m.State.Moment() && m.Call == ""
		}
		if shown {
			m.Lane, m.Site, m.Task = lane, -1, 0
			seen.Marks = append(seen.Marks, m)
		}
	}
	return seen
}

// lanesOf returns the connections of a group.
func lanesOf(t recording.Track, group string) []recording.Lane {
	var lanes []recording.Lane
	for _, l := range t.Lanes {
		if l.Kind == "connection" && l.Group == group {
			lanes = append(lanes, l)
		}
	}
	return lanes
}

// short rounds times to 10 µs, which no screen shows, and packs well.
func short(marks []recording.Mark) [][4]any {
	const grain = int64(10 * time.Microsecond)
	all := make([][4]any, len(marks))
	for i, m := range marks {
		all[i] = [4]any{m.Lane, m.At / grain * grain, m.Took / grain * grain, m.State}
	}
	return all
}

// answer returns which choice the run proves right: the one nearest to the moment when the first of the group was
// answered by server A. It must not have happened when the question is asked.
func answer(t recording.Track, o *chapters.Opening) (int, error) {
	group, first := o.Groups[len(o.Groups)-1].Name, time.Duration(0)
	for _, m := range t.Marks {
		if l := t.Lanes[m.Lane]; l.Group == group && m.State == recording.Answered && (first == 0 || m.At < int64(first)) {
			first = time.Duration(m.At)
		}
	}
	if first > 0 && first <= o.Stop {
		return 0, fmt.Errorf("the run stops at %v to ask what has happened at %v", o.Stop, first)
	}
	best, distance := -1, time.Duration(0)
	for i, c := range o.Choices {
		away := (c.At - first).Abs()
		if (c.At == 0) == (first == 0) && (best < 0 || away < distance) {
			best, distance = i, away
		}
	}
	if best < 0 {
		return 0, fmt.Errorf("no choice is right: the first of %s is answered at %v", group, first)
	}
	return best, nil
}

// listed is a chapter's title in the list of all, with its kind if it is of another.
func listed(c *chapters.Chapter) string {
	if c.Front.Kicker != "" {
		return c.Front.Kicker + ": " + c.Front.Title
	}
	return c.Front.Title
}

// bookLength says how long the book is.
func (v *view) bookLength() string {
	chapters, minutes := 0, 0
	for _, c := range v.e.book.Chapters {
		if c.Front.Kicker == "" {
			chapters++
			minutes += c.Front.Minutes
		}
	}
	hours := (minutes + 30) / 60
	if v.language == "" {
		return fmt.Sprintf("%s, %s to read and run", words.Plural(chapters, "chapter"), words.Plural(hours, "hour"))
	}
	return v.say("%1 chapters, %2 hours to read and run", fmt.Sprint(chapters), fmt.Sprint(hours))
}
