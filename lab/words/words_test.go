package words

import (
	"testing"
	"time"
)

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                                     "0 ms",
		1:                                     "1 ns",
		999:                                   "999 ns",
		1000:                                  "1.0 µs",
		9_949:                                 "9.9 µs",
		9_950:                                 "10 µs",
		520 * time.Microsecond:                "520 µs",
		999_499:                               "999 µs",
		999_500:                               "1.0 ms",
		5500 * time.Microsecond:               "5.5 ms",
		41 * time.Millisecond:                 "41 ms",
		999_400 * time.Microsecond:            "999 ms",
		999_500 * time.Microsecond:            "1.0 s",
		12*time.Second + 340*time.Millisecond: "12.3 s",
		20 * time.Minute:                      "1200.0 s",
	} {
		if got := Duration(d); got != want {
			t.Errorf("%d ns: %q, want %q", d, got, want)
		}
		if got := Millis(float64(d) / 1e6); got != want {
			t.Errorf("%v ms: %q, want %q", float64(d)/1e6, got, want)
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
