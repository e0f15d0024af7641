package lab

import (
	"era/catalogue"
	"era/lab/recording"
	"era/lab/scenario"
)

// Batch is what who watches an experiment is told: a phase before it begins, then once that it started, then every
// 60 ms what is new.
type Batch struct {
	Phase   string   // "building select (go)"; then nothing else is set
	Started *Started // the experiment has begun; then nothing else is set
	Now     int64    // ns since the experiment began
	Tracks  []Tracks // in the order of the servers
}

// Started says what was started.
type Started struct {
	Scenario string            `json:"scenario"`
	Title    string            `json:"title"`
	Settings map[string]string `json:"settings"`
	Seed     uint64            `json:"seed"`
	Servers  []StartedServer   `json:"servers"`
}

// StartedServer is one server of an experiment.
type StartedServer struct {
	ID       string             `json:"id"`
	Language catalogue.Language `json:"language"`
	Title    string             `json:"title"`
	Unseen   string             `json:"unseen,omitempty"` // as in the recording
}

// Tracks is what is new of one server.
type Tracks struct {
	recording.Track                  // lanes, sites and finished marks since the last batch
	Rows            []recording.Row  `json:"rows,omitempty"` // of all lanes so far, if some are new
	Open            []recording.Mark `json:"open"`           // what goes on now; replaces the last batch's
	Answered        int              `json:"answered"`
	Sent            int              `json:"sent"`
	Dropped         int64            `json:"dropped"` // trace events, so far
}

func started(sc scenario.Scenario, e Experiment, sides []*side) *Started {
	s := &Started{Scenario: sc.Name, Title: sc.Title, Settings: sc.Texts(e.Settings), Seed: e.Seed}
	for i, v := range e.Servers {
		s.Servers = append(s.Servers, StartedServer{v.Server.ID, v.Language, v.Server.Title, unseen(sides[i].program)})
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
