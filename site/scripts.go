package site

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"sync"
	"weak"

	"era/catalogue/madeof/code"
	"era/chapters"
	"era/lab/chrome"
	"era/lab/guess"
	"era/lab/recording"
	"era/lab/scenario"
	"era/lab/story"
	"era/lab/table"
	"era/lab/verdict"
)

// Recordings and sources are scripts and not data, because a page that was opened from disk may load only scripts.

// recordingScript passes a recorded run to the viewer: what was read from it, and not the file's own bytes.
func (e *edition) recordingScript(lab *chapters.Lab) ([]byte, error) {
	r, err := e.recorded(lab)
	if err != nil {
		return nil, err
	}
	s, err := scenario.Find(lab.Scenario)
	if err != nil {
		return nil, err
	}
	moments, err := told(lab, r)
	if err != nil {
		return nil, err
	}
	seen := shown{Recording: *r, Result: verdict.On(r.Result), Groups: r.Result.Asked(s.Groups),
		Table: table.Of(s.Groups, r.Result), Measured: guess.Figures(r.Result, lab.Measure), Moments: moments,
		Limits: limits{s.Knobs, append([]scenario.Limit{}, s.Limits...)}}
	// The result is in seen already, with its sentences; the sources are not needed.
	seen.Recording.Result, seen.Recording.Sources = recording.Result{}, nil
	for _, t := range r.Tracks {
		seen.Rows = append(seen.Rows, recording.Rows(t.Lanes, nil))
	}
	return script("recording", lab.Name, seen)
}

// shown is a recording with derived data, which the page need not compute.
type shown struct {
	Recording recording.Recording `json:"recording"`
	Result    verdict.Result      `json:"result"`
	Rows      [][]recording.Row   `json:"rows"` // of each track
	Groups    []recording.Asked   `json:"groups"`
	Table     table.Table         `json:"table"`
	Measured  []*guess.Figure     `json:"measured,omitempty"`
	Moments   []story.Moment      `json:"moments"`
	Limits    limits              `json:"limits"`
}

// limits are those of a scenario's knobs. The page refuses a link to what they do not allow, even if nothing can run.
type limits struct {
	Knobs  []scenario.Knob  `json:"knobs"`
	Limits []scenario.Limit `json:"limits"`
}

// trace returns a recorded run for Perfetto, which reads it compressed.
func (e *edition) trace(lab *chapters.Lab) ([]byte, error) {
	r, err := e.recorded(lab)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed) // three times as fast as usual, for files that few readers ask for
	if err != nil {
		return nil, err
	}
	if err := chrome.Write(z, r); err != nil {
		return nil, err
	}
	err = z.Close()
	return b.Bytes(), err
}

// script calls a function of the viewer. encoding/json escapes what would end a script or a line of it.
func script(function, name string, what any) ([]byte, error) {
	key, err := json.Marshal(name)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(what)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "era.%s(%s,%s)\n", function, key, data), nil
}

// sourceScript passes a file to the viewer: lines of [class, text].
func (e *edition) sourceScript(name string) ([]byte, error) {
	text, err := fs.ReadFile(e.root, name)
	if err != nil {
		return nil, err
	}
	highlighted := highlight(chapters.Language(name), string(text))
	lines := make([][][2]string, len(highlighted))
	for i, line := range highlighted {
		lines[i] = [][2]string{}
		for _, t := range line {
			lines[i] = append(lines[i], [2]string{t.class, t.text})
		}
	}
	return script("source", name, lines)
}

// recorded returns the lab's recorded run.
func (e *edition) recorded(lab *chapters.Lab) (*recording.Recording, error) {
	data, err := fs.ReadFile(e.root, lab.Recording())
	if err != nil {
		return nil, err // it was removed after the pages were listed
	}
	return e.decoded(lab.Recording(), data)
}

// decoded decodes a recording, which the caller must not change. One that another caller still has is not decoded
// again: picture, script and trace are often made one after the other.
func (e *edition) decoded(name string, data []byte) (*recording.Recording, error) {
	// By content: the file may be replaced before the next edition.
	entry, _ := e.recordings.LoadOrStore(sha256.Sum256(data), new(decoding))
	d := entry.(*decoding)
	d.mu.Lock()
	defer d.mu.Unlock()
	if r := d.recording.Value(); r != nil {
		return r, nil
	}
	r, err := recording.Read(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	e.relocate(r)
	d.recording = weak.Make(r)
	return r, nil
}

// decoding is a recording that is decoded once for all that use it at the same time.
type decoding struct {
	mu        sync.Mutex
	recording weak.Pointer[recording.Recording]
}

// relocate turns the lines of a recording into those of the files as they are now. A file whose code has changed has no
// lines.
func (e *edition) relocate(r *recording.Recording) {
	r.Relocate(func(site recording.Site) int {
		if file := e.codeOf(site.File); file.Sum == r.Sources[site.File] {
			return file.Line(site.Line)
		}
		return 0
	})
}

// codeOf returns the code of a file of the repository; none if the file cannot be read.
func (e *edition) codeOf(name string) code.File {
	if file, known := e.code.Load(name); known {
		return file.(code.File)
	}
	text, err := fs.ReadFile(e.root, name)
	if err != nil {
		return code.File{}
	}
	file := code.Of(name, text)
	e.code.Store(name, file)
	return file
}
