package site

import (
	"bytes"
	"encoding/json"
	"runtime"
	"testing"
	"testing/fstest"

	"era/chapters"
	"era/lab/chrome"
	"era/lab/recording"
	"era/lab/recording/recordingtest"
)

// A recording that went through its file makes the same picture and the same trace for Perfetto.
func TestPackedRunsLookTheSame(t *testing.T) {
	run := recordingtest.New()
	data, err := json.Marshal(run)
	if err != nil {
		t.Fatal(err)
	}
	again, err := recording.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	var pictures [2]string
	var traces [2]bytes.Buffer
	for i, r := range []*recording.Recording{run, again} {
		pictures[i], _ = drawPicture("p", r, titles(r), pictureBudget)
		if err := chrome.Write(&traces[i], r); err != nil {
			t.Fatal(err)
		}
	}
	if pictures[0] != pictures[1] {
		t.Errorf("the picture was\n%s\nand is\n%s", pictures[0], pictures[1])
	}
	if !bytes.Equal(traces[0].Bytes(), traces[1].Bytes()) {
		t.Errorf("the trace was\n%s\nand is\n%s", &traces[0], &traces[1])
	}
}

// A recording that is replaced while an edition is shown is drawn as what it is, then and in the next edition; one that
// is removed is an error.
func TestReplacedRecording(t *testing.T) {
	run := recordingtest.New()
	book := recorded(t, run, someMatrix("text"))
	site := New(book, Options{})
	e, err := site.edition()
	if err != nil {
		t.Fatal(err)
	}
	lab := &chapters.Lab{Chapter: "one", Name: "run"}
	first, err := e.recorded(lab)
	if err != nil {
		t.Fatal(err)
	}
	run.Machine = "another"
	data, err := json.Marshal(run)
	if err != nil {
		t.Fatal(err)
	}
	book[runFile] = &fstest.MapFile{Data: data}
	for _, of := range []*edition{e, {Site: site, print: e.print}} {
		if d, err := of.drawn(lab, pictureBudget); err != nil || d.rec.Machine != "another" {
			t.Errorf("the recording of %q is shown: %v", d.rec.Machine, err)
		}
	}
	runtime.KeepAlive(first)
	delete(book, runFile)
	for _, name := range []string{"recordings/run.js", "recordings/run.trace.json.gz"} {
		if _, err := e.pages[name].get(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
