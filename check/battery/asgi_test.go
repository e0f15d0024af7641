//go:build linux || darwin

package battery

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/coder/websocket"

	"era/catalogue"
	"era/check/servertest"
)

// eachASGI runs a test for the application on every server that it runs on.
func eachASGI(t *testing.T, test func(t *testing.T, v catalogue.Variant)) {
	for _, name := range []string{"asgi", "asgi-goroutines", "asgi/python"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := catalogue.Find(name)
			if err != nil {
				t.Fatal(err)
			}
			test(t, v)
		})
	}
}

// TestASGIUpload: the same bytes arrive, in whatever framing.
func TestASGIUpload(t *testing.T) {
	eachASGI(t, func(t *testing.T, v catalogue.Variant) {
		s := start(t, v, "127.0.0.1:1", manyFiles)
		for _, size := range []int{0, 1, 1000, 5 << 20} {
			body := strings.Repeat("x", size)
			want := fmt.Sprintf("%d bytes, sha256 %x\n", size, sha256.Sum256([]byte(body)))
			for _, counted := range []bool{true, false} {
				request, err := http.NewRequest(http.MethodPost, "http://"+s.addr+"/upload", strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				if !counted {
					request.ContentLength, request.Body = -1, io.NopCloser(strings.NewReader(body))
				}
				reply, err := http.DefaultClient.Do(request)
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(reply.Body)
				reply.Body.Close()
				if string(got) != want || err != nil {
					t.Errorf("%d bytes, counted %t: %q, %v", size, counted, got, err)
				}
			}
		}
	})
}

// TestASGIStream: curl has the first part before the last is made, and a client that leaves in the middle does no harm.
func TestASGIStream(t *testing.T) {
	curl := servertest.Need(t, "curl")
	eachASGI(t, func(t *testing.T, v catalogue.Variant) {
		s := start(t, v, "127.0.0.1:1", manyFiles)
		cmd := exec.Command(curl, "--no-buffer", "--silent", "--max-time", "30", "http://"+s.addr+"/stream?n=1000&ms=1000")
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewReader(out)
		// All lines would take longer than curl waits.
		for _, want := range []string{"line 1 of 1000\n", "line 2 of 1000\n"} {
			if line, err := lines.ReadString('\n'); line != want {
				t.Errorf("%q, %v", line, err)
			}
		}
		cmd.Process.Kill()
		cmd.Wait()
		c := dial(t, s)
		c.send(get("/stream?n=2&ms=1"))
		c.want("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\nc\r\nline 1 of 2\n\r\nc\r\nline 2 of 2\n\r\n0\r\n\r\n")
		c.Close()
		next(t, s)
		s.checkWell(t)
	})
}

// TestASGIChat: all members hear what one says; other paths have no WebSocket.
func TestASGIChat(t *testing.T) {
	eachASGI(t, func(t *testing.T, v catalogue.Variant) {
		s := start(t, v, "127.0.0.1:1", manyFiles)
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		join := func() *websocket.Conn {
			conn, _, err := websocket.Dial(ctx, "ws://"+s.addr+"/chat", nil)
			if err != nil {
				t.Fatal(err)
			}
			conn.SetReadLimit(-1)
			t.Cleanup(func() { conn.CloseNow() })
			return conn
		}
		one, two := join(), join()
		for _, word := range []string{"hällo", strings.Repeat("long ", 100_000), ""} {
			for _, kind := range []websocket.MessageType{websocket.MessageText, websocket.MessageBinary} {
				if err := two.Write(ctx, kind, []byte(word)); err != nil {
					t.Fatal(err)
				}
				for _, member := range []*websocket.Conn{one, two} {
					got, heard, err := member.Read(ctx)
					if got != kind || string(heard) != word || err != nil {
						t.Fatalf("%v %.20q, %v", got, heard, err)
					}
				}
			}
		}
		if err := two.Close(4321, "enough"); err != nil {
			t.Errorf("the server does not answer a close: %v", err)
		}
		if err := one.Write(ctx, websocket.MessageText, []byte("\xff")); err != nil {
			t.Fatal(err)
		}
		if _, _, err := one.Read(ctx); websocket.CloseStatus(err) != websocket.StatusInvalidFramePayloadData {
			t.Errorf("a message that is not text: %v", err)
		}
		if _, reply, err := websocket.Dial(ctx, "ws://"+s.addr+"/elsewhere", nil); err == nil || reply == nil ||
			reply.StatusCode != http.StatusForbidden {
			t.Errorf("another path: %v, %v", reply, err)
		}
		next(t, s)
		s.checkWell(t)
	})
}

// TestASGIStops: when the server is asked to end, it finishes what is in flight, tells WebSockets that it is going
// away, accepts no new client, and ends well (C6.14).
func TestASGIStops(t *testing.T) {
	eachASGI(t, func(t *testing.T, v catalogue.Variant) {
		const inFlight = 50
		thinking, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer thinking.Close()
		s := start(t, v, thinking.Addr().String(), manyFiles)
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		chat, _, err := websocket.Dial(ctx, "ws://"+s.addr+"/chat", nil)
		if err != nil {
			t.Fatal(err)
		}
		defer chat.CloseNow()
		idle := dial(t, s)
		idle.send(get("/"))
		idle.want(hello)
		var busy []*client
		var asked []net.Conn
		for range inFlight {
			c := dial(t, s)
			c.send(get("/ask"))
			busy = append(busy, c)
			conn, err := thinking.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			asked = append(asked, conn)
		}
		if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		idle.wantEnd() // so it is stopping
		if _, _, err := chat.Read(ctx); websocket.CloseStatus(err) != websocket.StatusGoingAway {
			t.Errorf("the WebSocket received %v", err)
		}
		if conn, err := net.Dial("tcp", s.addr); err == nil {
			conn.Close()
			t.Error("a new client came in")
		}
		for _, conn := range asked {
			if _, err := io.WriteString(conn, "after all\n"); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range busy {
			c.want(lastReply("200 OK", "after all\n"))
			c.wantEnd()
			c.Close()
		}
		<-s.ended
		if code := s.cmd.ProcessState.ExitCode(); code != 0 || s.stderr.String() != "" {
			t.Errorf("%v, and standard error holds %q", s.cmd.ProcessState, s.stderr.String())
		}
	})
}

// TestASGILaggard: a member that does not read is asked to leave. The others hear everything, in order, and never wait
// for it; and the server does not keep what it has not heard.
func TestASGILaggard(t *testing.T) {
	const words, size = 2500, 16 << 10 // more than the kernel keeps for a client that does not read
	const bound = words * size / 2     // of the server's memory
	eachASGI(t, func(t *testing.T, v catalogue.Variant) {
		s := start(t, v, "127.0.0.1:1", manyFiles)
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		var members [2]*websocket.Conn
		for i := range members {
			conn, _, err := websocket.Dial(ctx, "ws://"+s.addr+"/chat", nil)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.CloseNow()
			members[i] = conn
		}
		stalled, speaker := members[0], members[1]
		before := s.memory(t)
		word := make([]byte, size)
		for n := range words {
			binary.BigEndian.PutUint32(word, uint32(n))
			if err := speaker.Write(ctx, websocket.MessageBinary, word); err != nil {
				t.Fatal(err)
			}
			if _, heard, err := speaker.Read(ctx); !bytes.Equal(heard, word) || err != nil {
				t.Fatalf("word %d: %d bytes, %v", n, len(heard), err)
			}
		}
		if grown := s.memory(t) - before; grown > bound {
			t.Errorf("the server grew by %d MiB while %d MiB were said", grown>>20, words*size>>20)
		}
		for n := 0; ; n++ {
			_, _, err := stalled.Read(ctx)
			if err == nil && n < words {
				continue
			}
			// It learns why, if it reads before the server loses patience.
			if code := websocket.CloseStatus(err); n == words || code != websocket.StatusTryAgainLater && code != -1 {
				t.Errorf("after %d words: %v", n, err)
			}
			break
		}
	})
}

// memory returns the most memory that the server has ever used (Linux).
func (s *server) memory(t *testing.T) (bytes int) {
	t.Helper()
	if runtime.GOOS != "linux" {
		return 0
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	if _, err := fmt.Sscan(after, &bytes); err != nil {
		t.Fatal(err)
	}
	return bytes << 10
}
