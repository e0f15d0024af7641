package traffic

import (
	"bufio"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
)

func TestBackend(t *testing.T) {
	b, err := StartBackend()
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", b.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	lines := bufio.NewReader(c)
	for question, want := range map[string]string{
		"":                 "waited 0 ms\n",
		"delay=3":          "waited 3 ms\n",
		"size=20":          "waited 0 ms" + strings.Repeat(".", 8) + "\n",
		"size=5":           "waited 0 ms\n",
		"delay=-1&size=-1": "waited 0 ms\n",
		"delay=%zz":        "waited 0 ms\n",
		"delay=soon":       "waited 0 ms\n",
	} {
		if _, err := c.Write([]byte(question + "\n")); err != nil {
			t.Fatal(err)
		}
		if got, err := lines.ReadString('\n'); got != want || err != nil {
			t.Errorf("%q: %q, %v", question, got, err)
		}
	}
	for question, want := range map[string]string{
		"GET /?delay=2 HTTP/1.1\r\nHost: x\r\n\r\n":                     "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\nwaited 2 ms\n",
		"*3\r\n$5\r\nBLPOP\r\n$14\r\nnobody:delay=2\r\n$5\r\n0.002\r\n": "*-1\r\n",
	} {
		if _, err := c.Write([]byte(question)); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(want))
		if _, err := io.ReadFull(lines, got); string(got) != want || err != nil {
			t.Errorf("%q: %q, %v", question, got, err)
		}
	}
	if asked, atOnce := b.Questions(); asked != 9 || atOnce != 1 {
		t.Errorf("%d questions, %d at once", asked, atOnce)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if _, err := lines.ReadByte(); err == nil {
		t.Error("the connection outlived the backend")
	}
}

// A backend that is not waited for any more stops thinking; one whose asker stays does not, nor when more is asked at once.
func TestBackendNoticesWhoLeaves(t *testing.T) {
	b, err := StartBackend()
	if err != nil {
		t.Fatal(err)
	}
	dial := func(questions string) net.Conn {
		c, err := net.Dial("tcp", b.Addr)
		if err == nil {
			_, err = c.Write([]byte(questions))
		}
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	stays, leaves, hungUp := dial("delay=20\ndelay=10\n"), dial("delay=10000\n"), dial("delay=10000&hangup=1\n")
	if answers, err := io.ReadAll(hungUp); len(answers) > 0 || err != nil {
		t.Errorf("hung up with %q, %v", answers, err)
	}
	for b.asked.Load() < 3 { // until its question is read: the kernel may hand over the end together with it
		runtime.Gosched()
	}
	leaves.Close()
	lines := bufio.NewReader(stays)
	for _, want := range []string{"waited 20 ms\n", "waited 10 ms\n"} {
		if got, err := lines.ReadString('\n'); got != want || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
	for b.Abandoned() == 0 {
		runtime.Gosched()
	}
	stays.Close()
	hungUp.Close()
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if asked, _ := b.Questions(); asked != 4 || b.Abandoned() != 1 {
		t.Errorf("%d questions, %d abandoned", asked, b.Abandoned())
	}
}
