//go:build linux

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"era/internal/hang"
	"era/lab/process"
)

// The test binary is serve itself when this is set.
const beServe = "ERA_TEST_SERVE"

func TestMain(m *testing.M) {
	process.MaybeSupervise()
	if os.Getenv(beServe) != "" {
		if os.Getenv(beWitness) != "" {
			witness()
		}
		main()
	}
	if addr := os.Getenv(beStrangers); addr != "" {
		strangers(addr)
	}
	os.Exit(m.Run())
}

// serveCommand runs serve with a cache of its own.
func serveCommand(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), beServe+"=1", "XDG_CACHE_HOME="+hang.TempDir(t), "GOCACHE="+goCache(t))
	return cmd
}

// goCache keeps the compiler's own cache, which would otherwise be in the emptied cache folder.
func goCache(t testing.TB) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

var link = regexp.MustCompile(`http://(127\.0\.0\.1:\d+)/#key=(\w+)`)

// onFreePort is the command that serves on a free port.
func onFreePort(t testing.TB) *exec.Cmd {
	return serveCommand(t, "-addr", "127.0.0.1:0", "-open=false")
}

// started starts serve and returns the address and the key of its link. It is interrupted when the test ends, so that
// what it runs ends with it.
func started(t testing.TB, cmd *exec.Cmd) (addr, key string) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt) // the test may have ended it
		cmd.Wait()
	})
	return linkIn(t, out)
}

// linkIn reads serve's first line, which shows the link.
func linkIn(t testing.TB, out io.Reader) (addr, key string) {
	t.Helper()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	found := link.FindStringSubmatch(line)
	if found == nil {
		t.Fatalf("no link in %q", line)
	}
	return found[1], found[2]
}

// enter trades the key for the token of a right, as a page does.
func enter(t testing.TB, client *http.Client, addr, key string) (token string) {
	t.Helper()
	base := "http://" + addr
	request, err := http.NewRequest(http.MethodPost, base+"/lab/enter", strings.NewReader(`{"key":"`+key+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = http.Header{"Content-Type": {"application/json"}, "X-Era": {"1"}, "Origin": {base}}
	response, err := client.Do(request)
	if err != nil {
		t.Fatalf("the key is used: %v", err)
	}
	defer response.Body.Close()
	var given struct{ Token string }
	if err := json.NewDecoder(response.Body).Decode(&given); err != nil || given.Token == "" {
		t.Fatalf("the key is used: %s, %v, want a token", response.Status, err)
	}
	return given.Token
}

func output(t *testing.T, cmd *exec.Cmd) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if _, ended := err.(*exec.ExitError); err != nil && !ended {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

func TestHelpAndMistakes(t *testing.T) {
	for _, c := range []struct {
		args           []string
		status         int
		stdout, stderr string
	}{
		{[]string{"-h"}, 0, "go run ./cmd/serve", ""},
		{[]string{"help"}, 0, "doctor", ""},
		{[]string{"dance"}, 2, "", `no command "dance"`},
		{[]string{"serve", "now"}, 2, "", `unexpected argument "now"`},
		{[]string{"-port", "1"}, 2, "", "-addr"},
		{[]string{"-addr", "0.0.0.0:0"}, 1, "", "-lan"},
		{[]string{"-addr", "nonsense"}, 1, "", "nonsense"},
		{[]string{"servers", "-json"}, 0, `"select"`, ""},
		{[]string{"backend", "-addr", "0.0.0.0:0"}, 1, "", "not a loopback address"},
	} {
		status, stdout, stderr := output(t, serveCommand(t, c.args...))
		if status != c.status || !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) {
			t.Errorf("serve %s: status %d\n%s%s", strings.Join(c.args, " "), status, stdout, stderr)
		}
	}
	outside := serveCommand(t, "servers")
	outside.Dir = t.TempDir()
	if status, _, stderr := output(t, outside); status != 1 ||
		!strings.Contains(stderr, "not inside the book's repository") {
		t.Errorf("outside: status %d, %s", status, stderr)
	}
}

func TestServeUntilInterrupted(t *testing.T) {
	cmd := onFreePort(t)
	addr, _ := started(t, cmd)
	response, err := http.Get("http://" + addr + "/")
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil || response.StatusCode != 200 || !bytes.Contains(page, []byte("Era of Asynchrony")) {
		t.Errorf("GET /: %s, %v", response.Status, err)
	}
	status, _, stderr := output(t, serveCommand(t, "-addr", addr, "-open=false"))
	if status != 1 || !strings.Contains(stderr, "already runs at http://"+addr) {
		t.Errorf("second start: status %d, %s", status, stderr)
	}
	cmd.Process.Signal(os.Interrupt)
	if err := cmd.Wait(); err != nil {
		t.Errorf("after Ctrl-C: %v", err)
	}
	// A child that was just forked also holds the listener until its exec.
	for end := time.Now().Add(hang.After); ; time.Sleep(time.Millisecond) {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			break
		}
		c.Close()
		if time.Now().After(end) {
			t.Fatalf("after %v something still listens on %s", hang.After, addr)
		}
	}
}

func TestPortOfAnother(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go http.Serve(l, http.NotFoundHandler())
	status, _, stderr := output(t, serveCommand(t, "-addr", l.Addr().String(), "-open=false"))
	if status != 1 || !strings.Contains(stderr, "another program listens") {
		t.Errorf("status %d, %s", status, stderr)
	}
}

// kill -9 in the middle of an experiment leaves no process: all have the cache's path in their record or their
// arguments.
func TestKilledInAnExperiment(t *testing.T) {
	cmd := serveCommand(t, "lab", "-servers", "blocking,select,threads/python", "-scenario", "one-slow")
	var cache string
	for _, kv := range cmd.Env {
		if value, ok := strings.CutPrefix(kv, "XDG_CACHE_HOME="); ok {
			cache = value
		}
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	records := func() []string {
		files, _ := filepath.Glob(filepath.Join(cache, "era-of-asynchrony", "run", "*.json"))
		return files
	}
	running := func() int { // servers whose binary is in the cache, or that have the cache in their environment
		count := 0
		files, _ := filepath.Glob("/proc/[0-9]*/environ")
		for _, file := range files {
			environ, err := os.ReadFile(file)
			if err == nil && bytes.Contains(environ, []byte("ERA_RUN=")) {
				for _, r := range records() {
					if bytes.Contains(environ, []byte(strings.TrimSuffix(filepath.Base(r), ".json"))) {
						count++
					}
				}
			}
		}
		return count
	}
	for running() < 3 || len(records()) < 3 {
		if syscall.Kill(cmd.Process.Pid, 0) != nil {
			t.Fatal("the lab ended early")
		}
		time.Sleep(time.Millisecond)
	}
	names := records()
	cmd.Process.Kill()
	cmd.Wait()
	for len(records()) > 0 { // each supervisor removes its record when no process is left
		time.Sleep(time.Millisecond)
	}
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range files {
		environ, err := os.ReadFile(file)
		for _, r := range names {
			if err == nil && bytes.Contains(environ, []byte(strings.TrimSuffix(filepath.Base(r), ".json"))) {
				t.Errorf("left behind: %s", file)
			}
		}
	}
}

// `serve | head -1`: the first line is read, and then the reader is gone. Using the key must still work, although it
// prints another line.
func TestOutputWithoutReader(t *testing.T) {
	cmd := serveCommand(t, "-addr", "127.0.0.1:0", "-open=false")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	addr, key := linkIn(t, out)
	out.Close()
	enter(t, http.DefaultClient, addr, key)
	response, err := http.Get("http://" + addr + "/")
	if err != nil {
		t.Fatalf("after the key was used: %v", err)
	}
	response.Body.Close()
	cmd.Process.Signal(os.Interrupt)
	if err := cmd.Wait(); err != nil || !strings.Contains(stderr.String(), "the next one cannot be shown") {
		t.Errorf("after Ctrl-C: %v, standard error:\n%s", err, stderr.String())
	}
}

// The other commands end as tools do, by SIGPIPE and without a message.
func TestToolsEndWithTheirReader(t *testing.T) {
	for _, args := range [][]string{{"servers"}, {"lab", "-list"}, {"lab", "-list", "-json"}, {"doctor"}} {
		cmd := serveCommand(t, args...)
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		var stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = write, &stderr
		read.Close()
		cmd.Run()
		write.Close()
		if status := cmd.ProcessState.Sys().(syscall.WaitStatus); status.Signal() != syscall.SIGPIPE || stderr.Len() > 0 {
			t.Errorf("serve %s: %v, standard error %q: want the end by SIGPIPE", strings.Join(args, " "), cmd.ProcessState, stderr.String())
		}
	}
}
