package site

import (
	"bytes"
	"encoding/json"
	"testing"

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
