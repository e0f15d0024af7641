package recording_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"era/lab/recording"
	"era/lab/recording/recordingtest"
	"era/lab/visible"
)

// The book's own recordings are as the lab makes them.
func TestReadTheBooksOwn(t *testing.T) {
	files, err := filepath.Glob("../../content/*/recordings/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings found: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), `"grids"`) {
			_, err = recording.ReadMatrix(data)
		} else {
			_, err = recording.Read(data)
		}
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// Whatever stands in a file, it is read as text or refused with the name of the field.
func TestReadRefusesWhatActs(t *testing.T) {
	for where, r := range recordingtest.Hostile(append(recordingtest.Acting, recordingtest.Text...)) {
		data, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := recording.Read(data)
		if err != nil {
			field, _, _ := strings.Cut(where, " = ")
			lane := strings.TrimSuffix(field, ".kind")
			if field != "all fields" && !strings.HasPrefix(err.Error(), lane+":") && !strings.HasPrefix(err.Error(), field+":") && !strings.Contains(err.Error(), "unknown state") {
				t.Errorf("%s: the error names another field: %v", where, err)
			}
			continue
		}
		again, err := json.Marshal(got)
		if err != nil || visible.Text(string(again)) != string(again) || len(again) > 64<<10 {
			t.Errorf("%s: it is read, %v: %.200q", where, err, again)
		}
	}
}
