package recording

import (
	"encoding/json"
	"fmt"
)

// SignsIn returns the names of what a reader must know to read the pictures of a recording's file: states, and kinds of
// lanes. It does not read the marks one by one.
func SignsIn(data []byte) (map[string]bool, error) {
	var file struct {
		Tracks []struct {
			Lanes struct{ Kinds []Lane }
			Marks struct{ Kinds []Mark }
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("signs of a recording: %w", err)
	}
	signs := map[string]bool{}
	for _, t := range file.Tracks {
		for _, l := range t.Lanes.Kinds {
			signs[l.Kind] = true
		}
		for _, m := range t.Marks.Kinds {
			signs[string(m.State)] = true
		}
	}
	return signs, nil
}
