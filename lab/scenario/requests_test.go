package scenario

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gobwas/ws"
	"pgregory.net/rapid"

	"era/catalogue"
	"era/runnable/kit/http1"
)

// However the bytes are cut, the ends of requests are found: heads, bodies with a length, bodies in chunks.
func TestRequestsEndWhereTheyEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []byte
		var ends []int
		for range rapid.IntRange(1, 4).Draw(t, "requests") {
			body := rapid.StringMatching(`[a-z]{0,40}`).Draw(t, "body")
			switch rapid.IntRange(0, 2).Draw(t, "kind") {
			case 0:
				all = append(all, get("/")...)
			case 1:
				all = fmt.Appendf(all, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
			case 2:
				all = append(all, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"...)
				if body != "" {
					all = fmt.Appendf(all, "%x\r\n%s\r\n", len(body), body)
				}
				all = append(all, "0\r\n\r\n"...)
			}
			ends = append(ends, len(all))
		}
		split, at, found := Splitter{}, 0, []int(nil)
		for at < len(all) {
			piece := all[at:min(at+rapid.IntRange(1, 60).Draw(t, "piece"), len(all))]
			n, end := split.Next(piece)
			if n < 1 || n > len(piece) || !end && n < len(piece) {
				t.Fatalf("took %d of %d bytes, end %t", n, len(piece), end)
			}
			if at += n; end {
				found = append(found, at)
			}
		}
		if !slices.Equal(found, ends) {
			t.Errorf("ends at %v, want %v, in %q", found, ends, all)
		}
	})
}

// Our servers accept what a script sends by HTTP: each request has a Host, for example. Only a client's last request
// may be incomplete.
func TestRequestsAreTaken(t *testing.T) {
	for _, s := range All {
		script, err := build(s.Name, nil, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range script.Clients {
			var sent http1.Stream
			for _, step := range c.Steps {
				if c.Speaks == catalogue.HTTP && step.Do == Send || step.Do == Say && c.Speaks == catalogue.WebSocket {
					sent.Add(step.Bytes)
				}
			}
			requests := 0
			for {
				head, status, whole := sent.Head()
				if !whole || requests > 0 && c.Speaks == catalogue.WebSocket { // frames follow the handshake
					break
				}
				if requests++; status != http.StatusOK {
					t.Errorf("%s, %s: %s %s is answered with %d", s.Name, c.Name, head.Method, head.Path, status)
					break
				}
				for err := error(nil); err == nil; {
					_, err = sent.Body(make([]byte, 64<<10))
				}
			}
			if c.Speaks == catalogue.WebSocket && requests == 0 {
				t.Errorf("%s, %s: no handshake", s.Name, c.Name)
			}
		}
	}
}

// net/http accepts what an upload sends, and its sum is what the client waits for.
func TestUploadsAreRequests(t *testing.T) {
	for _, chunks := range []int{0, 1} {
		script, err := build("upload", Settings{"chunks": chunks, "size": 64 << 10, "pieces": 7}, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range script.Clients {
			var sent bytes.Buffer
			for _, step := range c.Steps {
				sent.Write(step.Bytes)
			}
			request, err := http.ReadRequest(bufio.NewReader(&sent))
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(request.Body)
			want := fmt.Sprintf("%d bytes, sha256 %x\n", len(body), sha256.Sum256(body))
			if i := slices.IndexFunc(c.Steps, func(s Step) bool { return s.Do == Receive }); err != nil ||
				c.Steps[i].Want != want {
				t.Errorf("%s: %v, %q", c.Name, err, want)
			}
		}
	}
}

// The frames of a room's member are whole, masked with keys of their own, and name the speaker, in order.
func TestTheTalkersFrames(t *testing.T) {
	script, err := build("websocket", Settings{"talkers": 2, "messages": 3}, 1)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[[4]byte]bool{}
	for _, c := range script.Clients {
		said := 0
		for _, step := range c.Steps {
			if step.Do != Send {
				continue
			}
			//lint:ignore SA1019 the script's own frame is as long as the script
			frame, err := ws.ReadFrame(bytes.NewReader(step.Bytes))
			if err != nil || ws.CheckHeader(frame.Header, ws.StateServerSide) != nil || !frame.Header.Fin ||
				keys[frame.Header.Mask] {
				t.Fatalf("%+v, %v", frame.Header, err)
			}
			keys[frame.Header.Mask] = true
			said++
			if text := string(ws.UnmaskFrame(frame).Payload); !strings.HasPrefix(text, fmt.Sprintf("%s: %d ", c.Name, said)) ||
				len(text) != 64 {
				t.Errorf("%q", text)
			}
		}
		if want := c.Requests(); said != want || c.Speaks != catalogue.WebSocket {
			t.Errorf("%s says %d of %d", c.Name, said, want)
		}
	}
}

// The traffic of a seed never changes: recordings contain its hash.
func TestTheHashStays(t *testing.T) {
	for name, want := range map[string]string{
		"one-slow": "88e45bdae957", "stream": "d8036fa5776b", "upload": "fef6bc2048b2",
		"websocket": "01b83bd9c564", "laggard": "7116bb73b6d1", "stalled-reader": "f6ebdfbbd3c6",
	} {
		script, err := build(name, nil, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := script.SHA256()[:12]; got != want {
			t.Errorf("%s: %s, was %s", name, got, want)
		}
	}
}
