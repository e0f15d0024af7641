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
		"GET /?delay=2 HTTP/1.1\r\nHost: " + b.Addr + "\r\n\r\n":        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\nwaited 2 ms\n",
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

func dialed(t *testing.T, b *Backend, question string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp4", b.Addr)
	if err == nil {
		t.Cleanup(func() { c.Close() })
		_, err = c.Write([]byte(question))
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func started(t *testing.T) *Backend {
	t.Helper()
	b, err := StartBackend()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// A page in a browser may guess the port. It gets no answer, and its question does not count.
func TestBackendKnowsBrowsers(t *testing.T) {
	b := started(t)
	for _, head := range []string{
		"Host: " + b.Addr + "\r\nSec-Fetch-Site: cross-site\r\n", "Host: " + b.Addr + "\r\nOrigin: null\r\n",
		"Host: evil.example\r\n",
		"Host: evil.example:80\r\n",
	} {
		if got, err := io.ReadAll(dialed(t, b, "GET /?delay=0 HTTP/1.1\r\n"+head+"\r\n")); len(got) > 0 {
			t.Errorf("%q is answered: %q, %v", head, got, err)
		}
	}
	if asked, _ := b.Questions(); asked != 0 {
		t.Errorf("%d questions counted, want 0", asked)
	}
	_, port, _ := net.SplitHostPort(b.Addr)
	for _, head := range []string{"Host: " + b.Addr + "\r\n", "Host: localhost:" + port + "\r\nUser-Agent: curl\r\n",
		"Host: backend\r\n", ""} {
		got, err := io.ReadAll(dialed(t, b, "GET /?delay=0 HTTP/1.1\r\nConnection: close\r\n"+head+"\r\n"))
		if !strings.HasSuffix(string(got), "\r\n\r\nwaited 0 ms\n") {
			t.Errorf("%q is answered with %q, %v", head, got, err)
		}
	}
	if foreign, over := b.TurnedAway(); foreign != 4 || over != 0 {
		t.Errorf("turned away %d and %d, want 4 and 0", foreign, over)
	}
}

// Connections have a limit; further ones are closed and counted, and the earlier ones go on.
func TestBackendIsFull(t *testing.T) {
	b := started(t)
	b.mu.Lock()
	b.most = 2
	b.mu.Unlock()
	first, second := dialed(t, b, ""), dialed(t, b, "")
	if got, _ := io.ReadAll(dialed(t, b, "delay=0\n")); len(got) > 0 {
		t.Errorf("the third is answered: %q", got)
	}
	for _, c := range []net.Conn{first, second} {
		if _, err := c.Write([]byte("\n")); err != nil {
			t.Error(err)
		}
		if got, err := bufio.NewReader(c).ReadString('\n'); got != "waited 0 ms\n" {
			t.Errorf("one of the two answered %q, %v", got, err)
		}
	}
	if foreign, over := b.TurnedAway(); foreign != 0 || over != 1 {
		t.Errorf("turned away %d and %d, want 0 and 1", foreign, over)
	}
}

// A client that asks for much and does not read it takes up no memory in the backend.
func TestBackendIsAskedForMuch(t *testing.T) {
	b := started(t)
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for _, question := range []string{"size=33554432\n", "GET /?size=33554432 HTTP/1.1\r\n\r\n"} {
		for range 10 {
			if _, err := io.ReadFull(dialed(t, b, question), make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if grown := int64(heap() - before); grown > 16<<20 {
		t.Errorf("20 unread answers of 32 MiB: %d MiB more on the heap, want less than 16", grown>>20)
	}
}

// A backend drops a question when its asker leaves; it does not while the asker stays, nor when more is asked at once.
func TestBackendNoticesLeavingAskers(t *testing.T) {
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
	for b.asked.Load() < 3 { // until its question is read: the kernel may deliver the end together with it
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
