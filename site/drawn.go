package site

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"era/chapters"
	"era/lab/recording"
	"era/lab/story"
)

// drawn is a recorded run as a page shows it.
type drawn struct {
	rec     *recording.Recording // without tracks, which take much memory
	picture string
	legend  []recording.State
	story   []story.Moment
}

// drawings are kept from one edition to the next: an edit of a chapter changes no recorded run, and an edit of a source
// may change the lines that a run names.
type drawings struct {
	mu  sync.Mutex
	all map[drawingOf]*drawn
}

// drawingOf identifies a drawing: the run, and the place that it was drawn for.
type drawingOf struct {
	recording [sha256.Size]byte // of its file
	sources   [sha256.Size]byte // of the edition
	name      string
	room      int
	story     string // the author's
}

// mostDrawn is about ten times as many as the book has.
const mostDrawn = 500

// drawn returns the lab's recorded run, drawn with at most the given number of bytes, or nil.
func (e *edition) drawn(lab *chapters.Lab, room int) (*drawn, error) {
	data, err := fs.ReadFile(e.root, lab.Recording())
	if err != nil {
		return nil, nil // an honest empty state says so; `serve build` refuses
	}
	key := drawingOf{sha256.Sum256(data), e.sources(), lab.Name, room, fmt.Sprint(lab.Story)}
	if d := e.drawings.get(key); d != nil {
		return d, nil
	}
	rec, err := e.decoded(lab.Recording(), data)
	if err != nil {
		return nil, err
	}
	rest := *rec
	rest.Tracks = nil
	d := &drawn{rec: &rest}
	if d.story, err = told(lab, rec); err != nil {
		return nil, err
	}
	d.picture, d.legend = drawPicture("p-"+lab.Name, rec, titles(rec), room, d.story...)
	e.drawings.put(key, d)
	return d, nil
}

// sources returns a hash of the state of all files outside of the book's own folder.
func (e *edition) sources() [sha256.Size]byte {
	hash := sha256.New()
	for line := range strings.Lines(e.print) {
		if !strings.HasPrefix(line, "content/") {
			hash.Write([]byte(line))
		}
	}
	return [sha256.Size]byte(hash.Sum(nil))
}

func (d *drawings) get(key drawingOf) *drawn {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.all[key]
}

func (d *drawings) put(key drawingOf, what *drawn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.all == nil || len(d.all) >= mostDrawn {
		d.all = map[drawingOf]*drawn{}
	}
	d.all[key] = what
}
