package site

import (
	"path"
	"strings"
	"testing"
)

// Each former address of a source's page leads to its present page.
func TestMovedPages(t *testing.T) {
	e, err := New(root, Options{}).edition()
	if err != nil {
		t.Fatal(err)
	}
	for former, now := range moved {
		from, to := "source/"+former+"/", "source/"+now+"/"
		seen := 0
		for name := range e.pages {
			if path.Dir(name)+"/" != to {
				continue
			}
			seen++
			file := path.Base(name)
			want := `content="0; url=` + strings.Repeat("../", strings.Count(from, "/")) + to + file + `"`
			former := e.pages[from+file]
			if former == nil {
				t.Errorf("%s is not there any more", from+file)
				continue
			}
			got, err := former.get()
			if err != nil || !strings.Contains(string(got.body), want) {
				t.Errorf("%s: %s, %v, want %s", from+file, got.body, err, want)
			}
		}
		if seen == 0 {
			t.Errorf("there is no page below %s", to)
		}
	}
}
