//go:build linux || darwin

package wsgi

import (
	"testing"
	"time"

	"era/runnable/kit/http1"
	"era/runnable/kit/sys"
)

// TestPatienceWithoutPause: a client that sends without a pause is never idle, but its connection is closed all the
// same.
func TestPatienceWithoutPause(t *testing.T) {
	r, w, err := sys.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer sys.Close(r)
	defer sys.Close(w)
	for name, c := range map[string]*conn{"with no head": {}, "with nothing that we want": {leaving: true}} {
		c.fd, c.scratch = r, &scratch{}
		for _, left := range []time.Duration{time.Hour, -1} {
			if _, err := sys.Write(w, []byte("\r\n")); err != nil {
				t.Fatal(err)
			}
			c.until = time.Now().Add(left)
			if stays := c.turn(&server{}, false); stays != (left > 0) {
				t.Errorf("%s: with %v left it stays: %v", name, left, stays)
			}
		}
	}
}

// TestLargeChunkIsNotKept: a thread does not keep a buffer as large as the largest chunk that it ever sent.
func TestLargeChunkIsNotKept(t *testing.T) {
	r, w, err := sys.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer sys.Close(r)
	const large = 4 << 20
	read := make(chan int)
	go func() {
		all, p := 0, make([]byte, 64<<10)
		for n, err := sys.Read(r, p); n > 0 && err == nil; n, err = sys.Read(r, p) {
			all += n
		}
		read <- all
	}()
	c := &conn{fd: w, scratch: &scratch{}, patience: &patience{}}
	reply := &reply{conn: c, head: &http1.Head{Version: "HTTP/1.1"}, left: unknown}
	reply.start("200 OK", nil)
	for _, size := range []int{1000, large, 1000} {
		if err := reply.write(make([]byte, size)); err != nil {
			t.Fatal(err)
		}
		if n := cap(c.out); n == 0 || n > kept {
			t.Errorf("after a chunk of %d bytes it keeps a buffer of %d", size, n)
		}
	}
	sys.Close(w)
	if n := <-read; n < large {
		t.Errorf("%d bytes arrived", n)
	}
}
