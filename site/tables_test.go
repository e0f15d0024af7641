package site

import (
	"strings"
	"testing"
	"testing/fstest"
)

// On a phone a table has no columns any more, so each cell must name its own.
func TestCellsOfTablesNameTheirColumn(t *testing.T) {
	table := "| silent | `poll` | Go & C |\n|---|---|--:|\n| none | 1 | 2 |\n| 900 | 3 | |\n"
	body := pageOf(t, fstest.MapFS{
		"content/index.md":     {Data: []byte("---\ntitle: T\n---\n")},
		"content/one/index.md": {Data: []byte("---\ntitle: One\norder: 1\n---\n\n" + table)},
		"static/base.css":      {},
		"runnable/a.go":        {},
	}, "one.html")
	for _, want := range []string{
		`<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">silent</th>`,
		`<tr role="row"><th role="rowheader" scope="row">none</th><td role="cell" data-column="poll">1</td><td role="cell" data-column="Go &amp; C" class="right">2</td></tr>`,
		`<th role="rowheader" scope="row" data-column="silent">900</th>`,
		"</tr>\n</tbody></table></div>",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page has no %s", want)
		}
	}
}

// A table is named by its columns, and a corner with nothing in it is no heading.
func TestNamesOfTables(t *testing.T) {
	body := pageOf(t, bookOf("one", "| | C | Go & so on |\n|---|---|---|\n| a | b | c |\n"), "one.html")
	for _, want := range []string{
		`role="group" aria-label="Table: C, Go &amp; so on"`,
		`<tr role="row"><td role="cell"></td><th role="columnheader" scope="col">C</th>`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page has no %s", want)
		}
	}
}
