//go:build linux || darwin

package main

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"era/check/servertest"
)

// TestPython runs the tests of the application and of the server in Python, each without the other.
func TestPython(t *testing.T) {
	python := servertest.NeedPython(t, "import asyncio; asyncio.TaskGroup")
	for _, file := range []string{"app.py", "search.py", "server.py", "exchange.py", "websocket.py", "minimal/server.py",
		"testdata/app_test.py", "testdata/server_test.py", "testdata/minimal_test.py"} {
		if _, err := os.ReadFile(file); err != nil { // go test runs this again when one of them has changed
			t.Fatal(err)
		}
	}
	for _, tests := range []string{"testdata/app_test.py", "testdata/server_test.py", "testdata/minimal_test.py"} {
		if out, err := exec.Command(python, "-X", "dev", tests).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}
}

// TestMinimalIsShort: a reader can keep the whole of the small server in mind.
func TestMinimalIsShort(t *testing.T) {
	const most, columns = 120, 120
	text, err := os.ReadFile("minimal/server.py")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if len(lines) > most {
		t.Errorf("minimal/server.py has %d lines, want %d at most", len(lines), most)
	}
	for i, line := range lines {
		if len(line) > columns {
			t.Errorf("minimal/server.py:%d has %d columns", i+1, len(line))
		}
	}
}

// TestThirdPartyWebsocket: an installed module of the same name (websocket-client) does not take the place of ours.
func TestThirdPartyWebsocket(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "websocket.py"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("python3", "../thirdparty/clients/server.py", "-client", "requests", "-addr", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), "PYTHONPATH="+folder)
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Skipf("SKIPPED: there is no python3: %v", err)
	}
	defer cmd.Wait() // it is killed: the error says only that
	defer cmd.Process.Kill()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	reply, err := http.Get("http://" + strings.TrimSpace(strings.TrimPrefix(line, "listening on ")))
	if err != nil {
		t.Fatalf("%v\n%s", err, &log)
	}
	defer reply.Body.Close()
	if body, err := io.ReadAll(reply.Body); string(body) != "hello\n" {
		t.Errorf("%q, %v", body, err)
	}
}
