package table

import (
	"encoding/json"
	"testing"

	"era/lab/recording"
)

func TestTable(t *testing.T) {
	counted := func(answered, failed int, first *recording.Latency) recording.Group {
		return recording.Group{Requests: recording.Requests{Answered: answered, Failed: failed}, FirstByte: first,
			Latency: recording.Latency{P50: 0.52, Max: 2001}}
	}
	r := recording.Result{Servers: []recording.Server{
		{PerGroup: map[string]recording.Group{"readers": counted(10000, 1, &recording.Latency{P50: 12.3}),
			"others": counted(0, 2, nil)},
			ThreadsMax: 3, RSSKBMax: 300, CPUMS: 2100, ReadyMS: 90, Syscalls: map[string]int64{"read": 1000, "poll": 1},
			Again: 7, Traced: recording.Traced{How: "in process"}},
		{PerGroup: map[string]recording.Group{"readers": counted(1, 0, nil)},
			Traced: recording.Traced{Why: "there is no C compiler"}},
	}}
	got, err := json.Marshal(Of([]string{"readers", "others", "absent"}, r))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"heads":[{"name":"readers","of":4},{"name":"others","of":3},` +
		`{"name":"OS threads","note":"with the runtime’s"},{"name":"memory","note":"without files"},{"name":"CPU"},` +
		`{"name":"calls"},{"name":"EAGAIN"}],` +
		`"columns":[{"group":"readers","name":"answered"},{"group":"readers","name":"median"},` +
		`{"group":"readers","name":"longest"},{"group":"readers","name":"first byte"},` +
		`{"group":"others","name":"answered"},{"group":"others","name":"median"},{"group":"others","name":"longest"},` +
		`{"name":"OS threads","note":"with the runtime’s"},{"name":"memory","note":"without files"},{"name":"CPU"},` +
		`{"name":"calls"},{"name":"EAGAIN"}],` +
		`"rows":[["10,000 of 10,001","520 µs","2.0 s","12 ms","0 of 2","–","–","3","300 KB","2.1 s","1,001","7"],` +
		`["1 of 1","520 µs","2.0 s","–","0 of 0","–","–","0","–","0 ms","–","–"]]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
