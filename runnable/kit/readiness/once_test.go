//go:build linux || darwin

package readiness

import (
	"slices"
	"testing"
	"time"

	"era/runnable/kit/sys"
)

// TestOnce: a ready descriptor is reported once, and again only after any thread has armed it.
func TestOnce(t *testing.T) {
	o, err := NewOnce()
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	r, w, err := sys.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer sys.Close(r)
	ready := func(timeout time.Duration, want ...int) {
		t.Helper()
		if got, err := o.Wait(timeout); err != nil || !slices.Equal(got, want) {
			t.Fatalf("ready: %v, %v, want %v", got, err, want)
		}
	}
	if err := o.Add(r); err != nil {
		t.Fatal(err)
	}
	ready(0)
	if _, err := sys.Write(w, []byte("x")); err != nil {
		t.Fatal(err)
	}
	ready(time.Minute, r)
	ready(0) // the byte is still there, but the descriptor is not armed
	armed := make(chan error)
	go func() { armed <- o.Arm(r) }()
	ready(time.Minute, r)
	if err := <-armed; err != nil {
		t.Fatal(err)
	}
	if _, err := sys.Read(r, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if err := o.Arm(r); err != nil {
		t.Fatal(err)
	}
	ready(0)
	sys.Close(w) // end of file counts as ready
	ready(time.Minute, r)
}
