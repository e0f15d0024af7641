package site

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"era/lab/guess"
	"era/lab/recording"
	"era/lab/table"
)

// The script of a recorded run has the derived data, and there is a trace, which Perfetto opens.
func TestRecordingsComeWithWhatIsShown(t *testing.T) {
	s := New(root, Options{})
	e, err := s.edition()
	if err != nil {
		t.Fatal(err)
	}
	lab := e.book.Labs()[0]
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	_, script, _ := get(t, server.URL+"/recordings/"+lab.Name+".js")
	data := strings.TrimSuffix(script[strings.Index(script, ",")+1:], ")\n")
	var got struct {
		Recording map[string]json.RawMessage
		Result    struct{ Servers []json.RawMessage }
		Rows      [][]recording.Row
		Table     table.Table
		Measured  []*guess.Figure
	}
	if err := json.Unmarshal([]byte(data), &got); err != nil {
		t.Fatal(err)
	}
	n := len(got.Result.Servers)
	if n == 0 || len(got.Rows) != n || len(got.Table.Rows) != n || lab.Measure != "" && len(got.Measured) != n {
		t.Fatalf("%d servers, %d pictures, %d rows of results, %d measures", n, len(got.Rows), len(got.Table.Rows), len(got.Measured))
	}
	for i := range n {
		if len(got.Rows[i]) == 0 || len(got.Table.Rows[i]) != len(got.Table.Columns) {
			t.Errorf("server %d: rows %v, cells %q below %+v", i, got.Rows[i], got.Table.Rows[i], got.Table.Columns)
		}
	}
	_, page, _ := get(t, server.URL+"/blocking.html")
	for _, h := range got.Table.Heads {
		if !strings.Contains(page, ">"+h.Name+"<") && !strings.Contains(page, ">"+h.Name+" <") {
			t.Errorf("the table in the page has no head %q", h.Name)
		}
	}

	_, trace, header := get(t, server.URL+"/recordings/"+lab.Name+".trace.json.gz", "Accept-Encoding", "identity")
	if kind := header.Get("Content-Type"); kind != "application/gzip" {
		t.Errorf("the trace is %q", kind)
	}
	z, err := gzip.NewReader(strings.NewReader(trace))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(z); err != nil {
		t.Fatal(err)
	}
	var events struct{ TraceEvents []json.RawMessage }
	if err := json.Unmarshal(b.Bytes(), &events); err != nil || len(events.TraceEvents) < 10 {
		t.Errorf("a trace of %d events: %v", len(events.TraceEvents), err)
	}
}
