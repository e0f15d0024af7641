package recording

import (
	"encoding/json"
	"strings"
	"testing"
)

// A recording is a file that anybody may send in. Its states become parts of pages.
func TestUnknownStatesAreRefused(t *testing.T) {
	for _, state := range states {
		var m Mark
		data, err := json.Marshal(Mark{State: state, FD: -1, Count: 1})
		if err == nil {
			err = json.Unmarshal(data, &m)
		}
		if err != nil || m.State != state {
			t.Errorf("%s: %v, %v", state, m.State, err)
		}
	}
	var r Recording
	err := json.Unmarshal([]byte(`{"tracks":[{"marks":[[0,1,2,"blocked\"/><script>","",-1,0,"",1,-1]]}]}`), &r)
	if err == nil || !strings.Contains(err.Error(), "unknown state") {
		t.Errorf("error: %v", err)
	}
}
