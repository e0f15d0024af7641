package live

import (
	"era/catalogue"
	"era/lab"
	matrixlab "era/lab/matrix"
	"era/lab/recording"
	"era/lab/scenario"
	"era/lab/verdict"
)

// Frames are JSON texts, each with its type.
type (
	place = matrixlab.Place
	// ready is the first frame: what can be run.
	ready struct {
		Type      string              `json:"type"`
		Servers   []server            `json:"servers"`
		Scenarios []scenario.Scenario `json:"scenarios"`
	}
	server struct {
		ID        string                        `json:"id"`
		Title     string                        `json:"title"`
		Year      int                           `json:"year"`
		Chapter   string                        `json:"chapter"`
		Summary   string                        `json:"summary"`
		Languages []catalogue.Language          `json:"languages"`
		Speaks    catalogue.Protocol            `json:"speaks,omitempty"`
		Chats     bool                          `json:"chats,omitempty"`
		Missing   map[catalogue.Language]string `json:"missing"` // languages that this machine cannot run, and why
	}
	// message is a "phase" of the preparation, or an "error" that ended the run.
	message struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	started struct {
		Type       string      `json:"type"`
		Experiment lab.Started `json:"experiment"`
	}
	// batch is the news of a run.
	batch struct {
		Type   string       `json:"type"`
		Now    int64        `json:"now"`
		Tracks []lab.Tracks `json:"tracks"`
		merged bool         // its lists are its own
	}
	// cell is a cell of the matrix that was run.
	cell struct {
		Type string `json:"type"`
		place
		Cell recording.Cell `json:"cell"`
	}
	// matrixDone ends a run of the matrix.
	matrixDone struct {
		Type   string            `json:"type"`
		Matrix *recording.Matrix `json:"matrix"`
	}
	// done ends a run. Its marks were sent in batches.
	done struct {
		Type   string         `json:"type"`
		Result verdict.Result `json:"result"`
		Length int64          `json:"length"`
	}
)

func newReady(available func(catalogue.Variant) error) ready {
	r := ready{Type: "ready", Scenarios: scenario.All}
	for _, s := range catalogue.Servers() {
		missing := map[catalogue.Language]string{}
		for _, l := range s.Languages {
			if err := available(catalogue.Variant{Server: s, Language: l}); err != nil {
				missing[l] = err.Error()
			}
		}
		r.Servers = append(r.Servers, server{s.ID, s.Title, s.Year, s.Chapter, s.Summary, s.Languages, s.Speaks, s.Chats, missing})
	}
	return r
}
