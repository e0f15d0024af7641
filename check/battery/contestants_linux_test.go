package battery

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/coder/websocket"

	"era/catalogue"
	"era/check/servertest"
	"era/internal/hang"
)

// TestContestants: third-party servers and frameworks, where they are installed, do the job as their clients see it,
// keep connections, and leave nothing behind when they are asked to end.
func TestContestants(t *testing.T) {
	for _, s := range catalogue.Servers() {
		if !strings.HasPrefix(s.Folder, "thirdparty/") && s.ID != "wsgi-nginx" {
			continue
		}
		t.Run(s.ID, func(t *testing.T) {
			t.Parallel()
			testContestant(t, catalogue.Variant{Server: s, Language: s.Languages[0]})
		})
	}
}

func testContestant(t *testing.T, v catalogue.Variant) {
	s := start(t, v, servertest.Backend(t), manyFiles)
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: patience}
	kept := false // whether the last reply came on the same connection as the one before
	trace := httptrace.WithClientTrace(t.Context(),
		&httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { kept = info.Reused }})
	answers := func(status int, target, upload, want string) {
		t.Helper()
		request, err := http.NewRequestWithContext(trace, http.MethodGet, "http://"+s.addr+target, nil)
		if upload != "" {
			request, err = http.NewRequestWithContext(trace, http.MethodPost, "http://"+s.addr+target, strings.NewReader(upload))
		}
		if err != nil {
			t.Fatal(err)
		}
		reply, err := client.Do(request)
		if err != nil {
			t.Fatalf("%s: %v", target, err)
		}
		defer reply.Body.Close()
		body, err := io.ReadAll(reply.Body)
		if reply.StatusCode != status || err != nil || want != "" && string(body) != want {
			t.Errorf("%s: %s, %.200q, %v", target, reply.Status, body, err)
		}
	}
	answers(200, "/", "", "hello\n")
	answers(200, "/", "", "hello\n")
	if want := v.Server.ID != "gunicorn-sync"; kept != want { // a client that stayed would keep one of its workers
		t.Errorf("the connection is kept: %t, want %t", kept, want)
	}
	answers(200, "/ask?delay=5", "", waited(5, 0))
	answers(200, "/ask?delay=5&size=100000", "", waited(5, 100_000))
	answers(502, "/ask?hangup=1", "", "")
	answers(404, "/nowhere", "", "")
	answers(200, "/stream?n=3&ms=1", "", "line 1 of 3\nline 2 of 3\nline 3 of 3\n")
	body := strings.Repeat("x", 1<<20)
	answers(200, "/upload", body, fmt.Sprintf("%d bytes, sha256 %x\n", len(body), sha256.Sum256([]byte(body))))
	if bare := []string{"gunicorn", "gunicorn-sync", "uwsgi", "uvicorn", "hypercorn", "daphne", "node", "wsgi-nginx",
		"apache", "nginx-uwsgi"}; slices.Contains(bare, v.Server.ID) {
		answers(200, "/burn?ms=5", "", "burned 5 ms\n")
		if v.Server.Chapter == "asgi" {
			testEcho(t, s)
		}
	}
	answers(200, "/", "", "hello\n")

	family := append(descendants(t, s.cmd.Process.Pid), s.cmd.Process.Pid)
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-s.ended
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("on SIGTERM it ended with %v\n%s", s.cmd.ProcessState, s.stderr.String())
	}
	hang.Await(t, "all of its processes to end", func() string {
		for _, pid := range family {
			if syscall.Kill(pid, 0) == nil {
				return fmt.Sprintf("%d of %v is there", pid, family)
			}
		}
		return ""
	})
}

// testEcho joins the chat room and hears what it says.
func testEcho(t *testing.T, s *server) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	chat, _, err := websocket.Dial(ctx, "ws://"+s.addr+"/chat", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer chat.CloseNow()
	if err := chat.Write(ctx, websocket.MessageText, []byte("hällo")); err != nil {
		t.Fatal(err)
	}
	if _, heard, err := chat.Read(ctx); string(heard) != "hällo" || err != nil {
		t.Errorf("heard %q, %v", heard, err)
	}
	if err := chat.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Errorf("the server does not answer a close: %v", err)
	}
}
