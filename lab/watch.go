package lab

import (
	"fmt"
	"time"

	"era/catalogue"
	"era/lab/process"
	"era/lab/recording"
	"era/lab/scenario"
	"era/lab/verdict"
)

// Watcher follows an experiment. Its methods are called from one goroutine at a time.
type Watcher interface {
	Phase(text string) // before the experiment begins: "starting the servers"
	Building(Building) // a server has to be built first; called several times a second
	Started(Started)   // the experiment has begun
	Batch(Batch)       // every 60 ms
}

// unwatched is the watcher of an experiment that runs without one.
type unwatched struct{}

func (unwatched) Phase(string)      {}
func (unwatched) Building(Building) {}
func (unwatched) Started(Started)   {}
func (unwatched) Batch(Batch)       {}

// Building is how far the build of a server has come.
type Building struct {
	Variant catalogue.Variant
	process.Progress
}

// What says what is built, and why a reader waits for it.
func (b Building) What() string {
	return fmt.Sprintf("building %s, the first time only", b.Variant.Title())
}

// Far says how far it has come, as far as the compiler tells, and how long it has taken.
func (b Building) Far() string {
	took := fmt.Sprintf("%d s", b.Took/time.Second)
	switch {
	case b.Of > 0 && b.Done >= b.Of:
		return fmt.Sprintf("the last of %d packages, and linking, %s", b.Of, took)
	case b.Of > 0 && b.Done > 0:
		return fmt.Sprintf("package %d of %d, %s", b.Done, b.Of, took)
	}
	return took
}

// Batch holds the changes since the last batch.
type Batch struct {
	Now    int64    // ns since the experiment began
	Tracks []Tracks // in the order of the servers
}

// Started describes the experiment that has begun.
type Started struct {
	Scenario string            `json:"scenario"`
	Title    string            `json:"title"`
	Settings map[string]string `json:"settings"`
	Seed     uint64            `json:"seed"`
	Servers  []StartedServer   `json:"servers"`
	Groups   []recording.Asked `json:"groups"` // of clients, the one that matters first
}

// StartedServer is one server of an experiment.
type StartedServer struct {
	ID       string             `json:"id"`
	Language catalogue.Language `json:"language"`
	Title    string             `json:"title"`
	Name     string             `json:"name"`             // the title with the language
	Unseen   string             `json:"unseen,omitempty"` // as in the recording
}

// Tracks is the news of one server.
type Tracks struct {
	recording.Track                  // lanes, sites and finished marks since the last batch
	Rows            []recording.Row  `json:"rows,omitempty"` // of all lanes so far, if some are new
	Open            []recording.Mark `json:"open"`           // unfinished marks; they replace the last batch's
	Answered        int              `json:"answered"`
	Sent            int              `json:"sent"`
	Dropped         int64            `json:"dropped"` // trace events, so far
}

func started(e scenario.Experiment, script scenario.Script, sides []*side) Started {
	sc := e.Scenario
	s := Started{Scenario: sc.Name, Title: sc.Title, Settings: sc.Texts(e.Settings), Seed: e.Seed}
	for i, v := range e.Servers {
		unseen := verdict.Unseen(sides[i].program.Traced, hiddenTasks(v))
		s.Servers = append(s.Servers, StartedServer{v.Server.ID, v.Language, v.Server.Title, v.Title(), unseen})
	}
	for _, name := range sc.Groups {
		asked := recording.Asked{Group: name}
		for _, c := range script.Clients {
			if c.Group == name {
				asked.Requests += c.Requests()
			}
		}
		if asked.Requests > 0 {
			s.Groups = append(s.Groups, asked)
		}
	}
	return s
}

func (x *experiment) batch() Batch {
	b := Batch{Now: max(x.end-x.zero, 0)}
	for _, s := range x.sides {
		b.Tracks = append(b.Tracks, s.news(x.end))
	}
	return b
}

// news returns what is new since the last call.
func (s *side) news(now int64) Tracks {
	s.sample()
	t := Tracks{Open: []recording.Mark{}, Sent: s.tally.sent, Answered: s.tally.answered, Dropped: s.dropped()}
	if !s.finished {
		t.Open = s.timeline.Open(now, s.open())
	}
	t.Track = s.timeline.Take() // after Open: a thread that was first seen in a call has its lane since then
	if len(t.Lanes) > 0 {
		t.Rows = recording.Rows(s.timeline.Track().Lanes, s.groups)
	}
	return t
}
