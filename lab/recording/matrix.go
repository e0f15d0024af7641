package recording

import (
	"fmt"

	"era/lab/words"
)

// Matrix is the result of running every application on every server. Its JSON is what `serve matrix -json` prints:
// fields may be added, not renamed.
type Matrix struct {
	Requests []string          `json:"requests"` // what each application was asked: "GET /"
	Grids    []Grid            `json:"grids"`
	Made     string            `json:"made"`    // date, 2026-11-23
	Machine  string            `json:"machine"` // "Linux 6.18, 2 CPUs"
	Sources  map[string]string `json:"sources"` // as in a Recording
}

// Grid is the part of the matrix in one language.
type Grid struct {
	Language string   `json:"language"`
	Servers  []Side   `json:"servers"` // the columns
	Apps     []Side   `json:"apps"`    // the rows
	Cells    [][]Cell `json:"cells"`   // by row, then by column
}

// Side is an application or a server, and the contract that it is written for.
type Side struct {
	Title    string `json:"title"`
	Contract string `json:"contract"` // "WSGI", "ASGI", "net/http"
}

// Cell is one application on one server.
type Cell struct {
	Bridges int      `json:"bridges"`           // between the two contracts
	SHA256  string   `json:"sha256,omitempty"`  // of all its answers; "" if it gave none
	MS      float64  `json:"ms,omitempty"`      // from the start of the program until it had answered all
	Differs []string `json:"differs,omitempty"` // sentences: what is not as in the matrix's first cell
	Missing string   `json:"missing,omitempty"` // why it was not run
}

// Same returns how many cells were run, and how many of them answered with exactly the bytes of the first.
func (m *Matrix) Same() (same, run int) {
	for _, g := range m.Grids {
		for _, row := range g.Cells {
			for _, c := range row {
				if c.Missing != "" {
					continue
				}
				if run++; len(c.Differs) == 0 {
					same++
				}
			}
		}
	}
	return same, run
}

// Summary says in one sentence what came of it.
func (m *Matrix) Summary() string {
	same, run := m.Same()
	return fmt.Sprintf("%d of %d cells gave the same answers as the first, to the byte.", same, run)
}

// ShownCell is what a page shows of a cell, recorded or just run.
type ShownCell struct {
	Kind  string `json:"kind"` // "same", "differs" or "missing"
	Word  string `json:"word"`
	Hash  string `json:"hash"`  // so many digits as tell some hashes apart at a glance
	About string `json:"about"` // its time and bridges
}

// Shown is the cell in words.
func (c Cell) Shown() ShownCell {
	if c.Missing != "" {
		return ShownCell{Kind: "missing", Word: c.Missing}
	}
	shown := ShownCell{"same", "✓ same", fmt.Sprintf("%.6s", c.SHA256), words.Millis(c.MS)}
	if len(c.Differs) > 0 {
		shown.Kind, shown.Word = "differs", "✗ differs"
	}
	shown.About += []string{"", " · a bridge", " · two bridges"}[min(c.Bridges, 2)]
	return shown
}
