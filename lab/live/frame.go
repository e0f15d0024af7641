package live

import (
	"encoding/json"
	"strings"

	"era/catalogue"
	"era/lab"
	"era/lab/chrome"
	"era/lab/guess"
	matrixlab "era/lab/matrix"
	"era/lab/recording"
	"era/lab/scenario"
	"era/lab/story"
	"era/lab/table"
	"era/lab/verdict"
)

// Frames are JSON texts, each with its type.
type (
	place = matrixlab.Place
	// head is how a frame begins. Run is the number that the page gave the run in its request, so that a frame that is
	// under way when another run begins is not taken for one of that.
	head struct {
		Type string `json:"type"`
		Run  uint32 `json:"run,omitempty"`
	}
	// ready is the first frame: what can be run.
	ready struct {
		Type      string    `json:"type"`
		Servers   []server  `json:"servers"`
		Scenarios []bounded `json:"scenarios"`
		Chapters  []string  `json:"chapters"` // that have servers, in the order of the book
	}
	// bounded is a scenario with what its knobs may make together on this machine.
	bounded struct {
		scenario.Scenario
		Limits []scenario.Limit `json:"limits"`
	}
	server struct {
		ID        string                        `json:"id"`
		Title     string                        `json:"title"`
		Year      int                           `json:"year"`
		Chapter   string                        `json:"chapter"`
		Summary   string                        `json:"summary"`
		Languages []catalogue.Language          `json:"languages"`
		Names     map[catalogue.Language]string `json:"names"`     // for people: "select · Go"
		Others    bool                          `json:"others"`    // it is a program that others wrote
		Scenarios []string                      `json:"scenarios"` // those whose clients it can serve
		Missing   map[catalogue.Language]string `json:"missing"`   // languages that this machine cannot run, and why
	}
	// message is an "error" that ended the run, or a sign of life that the page asked for.
	message struct {
		head
		Text string `json:"text"`
	}
	// phase is a phase of the preparation. Of a build it says how far it has come; Of is 0 if that is not known.
	phase struct {
		head
		Text string `json:"text"`
		Far  string `json:"far,omitempty"`  // in words
		Done int    `json:"done,omitempty"` // packages that are begun
		Of   int    `json:"of,omitempty"`
	}
	started struct {
		head
		Experiment lab.Started `json:"experiment"`
	}
	// batch is the news of a run.
	batch struct {
		head
		Now    int64  `json:"now"`
		Tracks []news `json:"tracks"`
		merged bool   // its lists are copies
	}
	// news is that of one server. When it is sent, only the marks are left in Open that the page does not know.
	news struct {
		lab.Tracks
		Over []int `json:"over,omitempty"` // lanes where nothing goes on any more
	}
	// cell is a cell of the matrix that was run.
	cell struct {
		head
		place
		Cell    recording.ShownCell `json:"cell"`
		Differs []string            `json:"differs"`
	}
	// matrixDone ends a run of the matrix.
	matrixDone struct {
		head
		Text string `json:"text"`
	}
	// trace is the tab's last experiment for Perfetto, as text; "" if there was none. It is made when it is sent, since
	// a page may ask more often than it reads.
	trace struct{ *recording.Recording }
	// done ends a run. Its marks were sent in batches.
	done struct {
		head
		Result   verdict.Result  `json:"result"`
		Length   int64           `json:"length"`
		Table    table.Table     `json:"table"`
		Measured []*guess.Figure `json:"measured,omitempty"` // by server: the figure guessed
		Moments  []story.Moment  `json:"moments"`
	}
)

func (t *trace) MarshalJSON() ([]byte, error) {
	var text strings.Builder
	if t.Recording != nil {
		if err := chrome.Write(&text, t.Recording); err != nil {
			return nil, err
		}
	}
	return json.Marshal(message{head{Type: "trace"}, text.String()})
}

func newReady(available func(catalogue.Variant) error) ready {
	r := ready{Type: "ready", Chapters: catalogue.Chapters()}
	for _, s := range scenario.All {
		r.Scenarios = append(r.Scenarios, bounded{s, s.Within(lab.Descriptors())})
	}
	for _, s := range catalogue.Servers() {
		missing, names := map[catalogue.Language]string{}, map[catalogue.Language]string{}
		for _, l := range s.Languages {
			v := catalogue.Variant{Server: s, Language: l}
			names[l] = v.Title()
			if err := available(v); err != nil {
				missing[l] = err.Error()
			}
		}
		var understood []string
		for _, sc := range scenario.All {
			if sc.Fits(s) {
				understood = append(understood, sc.Name)
			}
		}
		r.Servers = append(r.Servers, server{s.ID, s.Title, s.Year, s.Chapter, s.Summary, s.Languages, names, s.Others(),
			understood, missing})
	}
	return r
}
