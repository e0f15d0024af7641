package recording_test

import (
	"encoding/json"
	"strings"
	"testing"

	"era/lab/recording"
	"era/lab/recording/recordingtest"
	"era/lab/visible"
)

// Any text in a file is either read as text or refused with the name of the field.
func TestReadRefusesWhatActs(t *testing.T) {
	for where, r := range recordingtest.Hostile(recordingtest.All()) {
		data, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := recording.Read(data)
		if err != nil {
			field, _, _ := strings.Cut(where, " = ")
			lane := strings.TrimSuffix(field, ".kind")
			if field != "all fields" && !strings.HasPrefix(err.Error(), lane+":") &&
				!strings.HasPrefix(err.Error(), field+":") && !strings.Contains(err.Error(), "unknown state") {
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
