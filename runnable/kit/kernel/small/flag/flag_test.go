package flag

import (
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	addr, n, d := String("addr", "default", ""), Int("n", 4, ""), Duration("idle", time.Second, "")
	other := String("other", "kept", "")
	parse([]string{"-addr", "127.0.0.1:1", "--n=5", "-idle", "20ms", "rest"})
	if *addr != "127.0.0.1:1" || *n != 5 || *d != 20*time.Millisecond || *other != "kept" || NArg() != 1 ||
		Arg(0) != "rest" {
		t.Error(*addr, *n, *d, *other, NArg())
	}
}
