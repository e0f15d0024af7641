package words

import (
	"encoding/json"
	"os"
	"testing"
	"time"
)

// The page writes durations of marks itself, and is held to the same file by web/test.
func TestDuration(t *testing.T) {
	data, err := os.ReadFile("testdata/durations.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases [][2]any
	if err := json.Unmarshal(data, &cases); err != nil || len(cases) < 10 {
		t.Fatalf("%d cases: %v", len(cases), err)
	}
	for _, c := range cases {
		ns := c[0].(float64)
		if got := Duration(time.Duration(ns)); got != c[1] {
			t.Errorf("%v ns: %q, want %q", ns, got, c[1])
		}
		if got := Millis(ns / 1e6); got != c[1] {
			t.Errorf("%v ms: %q, want %q", ns/1e6, got, c[1])
		}
	}
}

func TestBytes(t *testing.T) {
	for n, want := range map[int]string{
		0: "0 bytes", 512: "512 bytes", 1024: "1.0 KB", 6451: "6.3 KB", 300 << 10: "300 KB", 1<<20 - 1: "1.0 MB",
		14*1<<20 + 630_000: "14.6 MB", 120 << 20: "120.0 MB",
	} {
		if got := Bytes(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[int64][3]string{
		0:       {"0", "0 replies", "0 times"},
		1:       {"1", "1 reply", "once"},
		2:       {"2", "2 replies", "twice"},
		999:     {"999", "999 replies", "999 times"},
		1000:    {"1,000", "1,000 replies", "1,000 times"},
		1234567: {"1,234,567", "1,234,567 replies", "1,234,567 times"},
		-123:    {"-123", "-123 replies", "-123 times"},
	} {
		if got := [3]string{Number(n), Plural(n, "reply"), Times(n)}; got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	if got := Plural(2, "slow upload"); got != "2 slow uploads" {
		t.Errorf("got %q", got)
	}
}

// The page works out the axes of its own pictures, which can be zoomed, and is held to the same file by web/test.
func TestAxes(t *testing.T) {
	data, err := os.ReadFile("testdata/axes.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases [][4]any
	if err := json.Unmarshal(data, &cases); err != nil || len(cases) < 10 {
		t.Fatalf("%d cases: %v", len(cases), err)
	}
	for _, c := range cases {
		span, most, step := c[0].(float64), c[1].(float64), c[2].(float64)
		if got := Step(span, most); got != step {
			t.Errorf("%v ns with %v marks: a step of %v, want %v", span, most, got, step)
		}
		if got := Tick(3*step, step); got != c[3] {
			t.Errorf("the third mark of steps of %v ns: %q, want %q", step, got, c[3])
		}
	}
}
