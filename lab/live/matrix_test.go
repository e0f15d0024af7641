package live

import (
	"context"
	"encoding/json"
	"testing"

	"era/lab"
	"era/lab/recording"
	"era/lab/scenario"
)

// TestMatrix: its cells come one by one; another run stops it, and so does Stop.
func TestMatrix(t *testing.T) {
	ran := make(chan string, 1)
	url := serve(t, fakeLab(func(_ context.Context, e scenario.Experiment, _ lab.Watcher) (*recording.Recording, error) {
		ran <- e.Scenario.Name
		return &recording.Recording{}, nil
	}), fakeGuard{})
	p := open(t, url)
	for range 2 {
		p.send(`{"type":"matrix"}`)
		frame := p.expect("cell")
		if got, _ := json.Marshal(frame); string(got) != `{"cell":{"about":"0 ms · a bridge","hash":"abc","kind":"same","word":"✓ same"},"column":2,"differs":null,"grid":0,"row":1,"type":"cell"}` {
			t.Errorf("%s", got)
		}
		p.send(`{"type":"stop"}`)
		if text := p.expect("error")["text"]; text != "Stopped." {
			t.Errorf("%q", text)
		}
	}
	p.send(`{"type":"matrix"}`)
	p.expect("cell")
	p.send(run)
	if name := <-ran; name != "one-slow" {
		t.Errorf("ran %s", name)
	}
	p.expect("done")
}
