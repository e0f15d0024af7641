package matrix

import (
	"os"
	"testing"

	"era/lab/process"
	"era/lab/recording"
)

// TestMain makes the test binary the supervisor of the programs that the tests start.
func TestMain(m *testing.M) {
	process.MaybeSupervise()
	os.Exit(m.Run())
}

// TestSameBytesEverywhere: every application gives the same answers on every server, and the right ones.
func TestSameBytesEverywhere(t *testing.T) {
	told := 0
	m, err := Run(t.Context(), process.NewBuilder("../..", ""), func(Place, recording.Cell) { told++ })
	if err != nil {
		t.Fatal(err)
	}
	cells, want := 0, right()
	for _, g := range m.Grids {
		for i, row := range g.Cells {
			for j, c := range row {
				cells++
				name := g.Language + ": " + g.Apps[i].Title + " on " + g.Servers[j].Title
				for _, difference := range c.Differs {
					t.Errorf("%s: %s", name, difference)
				}
				if c.Missing == "" && len(c.Differs) == 0 && c.SHA256 != want {
					t.Errorf("%s: sha256 %s, not %s", name, c.SHA256, want)
				}
				if c.Missing != "" && g.Language == "go" {
					t.Errorf("%s: %s", name, c.Missing)
				}
				t.Logf("%s: %d bridges, %.0f ms %s", name, c.Bridges, c.MS, c.Missing)
			}
		}
	}
	if same, run := m.Same(); same != run || run < 30 || told != cells {
		t.Errorf("%d of %d the same, watch called %d times", same, run, told)
	}
}
