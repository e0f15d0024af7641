//go:build linux

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
)

var (
	first        = flag.Bool("first", false, "TestFirstRun measures how long a newcomer waits for the first run")
	firstServers = flag.String("first.servers", "blocking,threads", "`names` of the servers of that run")
)

// TestFirstRun plays a newcomer, whose caches are empty: go run ./cmd/serve, the page, Run. It prints when each phase
// began, counted from the line with the address, for a reader who presses Run at once and for one who takes some time.
// It asserts no time: make first.
func TestFirstRun(t *testing.T) {
	if !*first {
		t.Skip("it compiles the standard library: make first")
	}
	compiled := t.TempDir() // the compiler's cache as go run leaves it
	began := time.Now()
	if out, err := goCommand(compiled, "build", "-o", os.DevNull, "./cmd/serve").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("go run compiles serve: %.1f s", time.Since(began).Seconds())
	for _, after := range []time.Duration{0, 2 * time.Second, 5 * time.Second} {
		t.Run(fmt.Sprintf("Run after %v", after), func(t *testing.T) {
			cache := filepath.Join(t.TempDir(), "go")
			if out, err := exec.Command("cp", "-a", compiled, cache).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			newcomer(t, cache, after)
		})
	}
}

// goCommand runs the go command in the repository with a cache.
func goCommand(cache string, args ...string) *exec.Cmd {
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Env = filepath.Join("..", ".."), append(os.Environ(), "GOCACHE="+cache, "XDG_CACHE_HOME="+cache+"-serve")
	return cmd
}

// newcomer starts serve, opens a page, and presses Run a while after serve has printed its address.
func newcomer(t *testing.T, cache string, after time.Duration) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := goCommand(cache, "run", "./cmd/serve", "-addr", "127.0.0.1:0", "-open=false")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // go run does not pass signals on
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
		cmd.Wait()
	}()
	addr, key := linkIn(t, bufio.NewReader(out))
	printed := time.Now()
	note := func(what string) { t.Logf("%6.2f s  %s", time.Since(printed).Seconds(), what) }
	base := "http://" + addr
	right := "right." + enter(t, http.DefaultClient, addr, key)
	conn, _, err := websocket.Dial(ctx, "ws://"+addr+"/"+stream, &websocket.DialOptions{
		HTTPHeader: http.Header{"Origin": {base}}, Subprotocols: []string{"era", right}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	conn.SetReadLimit(64 << 20)
	send := func(request any) {
		t.Helper()
		data, err := json.Marshal(request)
		if err == nil {
			err = conn.Write(ctx, websocket.MessageText, data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	send(map[string]any{"type": "ahead", "page": "blocking.html"})
	time.AfterFunc(after-time.Since(printed), func() {
		note("Run is pressed")
		send(map[string]any{"type": "run", "servers": strings.Split(*firstServers, ","), "scenario": "one-slow", "seed": 1})
	})
	for last := ""; ; {
		_, data, err := conn.Read(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var frame struct {
			Type, Text, Far string
			Tracks          []struct{ Marks []json.RawMessage }
		}
		if err := json.Unmarshal(data, &frame); err != nil {
			t.Fatal(err)
		}
		what := strings.TrimSpace(frame.Type + ": " + frame.Text + " " + frame.Far)
		for _, track := range frame.Tracks {
			if len(track.Marks) > 0 {
				note("the first mark")
				return
			}
		}
		if what != last {
			note(what)
		}
		if last = what; frame.Type == "error" {
			t.Fatal(frame.Text)
		}
	}
}
