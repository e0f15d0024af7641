package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal opens a pseudo-terminal: the end of the person, and the end of the program.
func terminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("SKIPPED: no pseudo-terminals here: %v", err)
	}
	t.Cleanup(func() { person.Close() })
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	return person, program
}

// startAt starts the command as the first of a session that has the terminal, and returns where serve listens, what it
// wrote until then, and its further lines.
func startAt(t *testing.T, cmd *exec.Cmd, tty *os.File) (addr, said string, lines *bufio.Scanner) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdin, cmd.Stderr = tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines = bufio.NewScanner(out)
	for lines.Scan() {
		if found := link.FindStringSubmatch(lines.Text()); found != nil {
			return found[1], said, lines
		}
		said += lines.Text() + "\n"
	}
	t.Fatal("serve prints no link")
	return "", "", nil
}

// askCode asks as a page does.
func askCode(t *testing.T, addr, ticket string) (answer struct{ Ticket, Code, Token string }) {
	t.Helper()
	request, err := http.NewRequest("POST", "http://"+addr+"/lab/ask", strings.NewReader(`{"ticket":"`+ticket+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Era", "1")
	client := http.Client{Timeout: time.Minute} // a stopped serve does not answer
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatalf("%s: %v", response.Status, err)
	}
	return answer
}

// A code that a page shows is typed in serve's terminal, and Ctrl-C there ends serve.
func TestCodeInTheTerminal(t *testing.T) {
	person, tty := terminal(t)
	cmd := serveCommand(t, "-addr", "127.0.0.1:0", "-open=false")
	addr, _, lines := startAt(t, cmd, tty)
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	page := askCode(t, addr, "")
	for page.Code == "" { // until serve has checked its terminal
		page = askCode(t, addr, page.Ticket)
	}
	fmt.Fprintf(person, "%s\n", page.Code)
	for lines.Scan() && !strings.Contains(lines.Text(), "may run experiments now") {
	}
	if token := askCode(t, addr, page.Ticket).Token; len(token) < 26 {
		t.Errorf("the page got the right %q", token)
	}
	io.WriteString(person, "\x03")
	for lines.Scan() {
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("after Ctrl-C: %v", err)
	}
}

// In the background serve does not touch the terminal: it is not stopped for reading it, and its pages show no code.
func TestServeInTheBackground(t *testing.T) {
	for name, script := range map[string]string{
		"from the start":     `set -m; "$0" -addr 127.0.0.1:0 -open=false & echo "pid $!"; cat >/dev/null`,
		"moved there":        `set -m; "$0" -addr 127.0.0.1:0 -open=false & echo "pid $!"; fg >/dev/null 2>&1; bg >/dev/null 2>&1; cat >/dev/null`,
		"with /dev/null":     `"$0" -addr 127.0.0.1:0 -open=false </dev/null & echo "pid $!"; cat >/dev/null`,
		"with a closed file": `"$0" -addr 127.0.0.1:0 -open=false <&- & echo "pid $!"; cat >/dev/null`,
	} {
		t.Run(name, func(t *testing.T) {
			person, tty := terminal(t)
			plain := serveCommand(t)
			cmd := exec.Command("bash", "--norc", "-ic", script, plain.Path)
			cmd.Env = plain.Env
			pid := 0
			addr, said, lines := startAt(t, cmd, tty)
			fmt.Sscanf(said, "pid %d", &pid)
			for pid == 0 && lines.Scan() {
				fmt.Sscanf(lines.Text(), "pid %d", &pid)
			}
			t.Cleanup(func() { syscall.Kill(pid, syscall.SIGKILL); cmd.Process.Kill(); cmd.Wait() })
			if name == "moved there" { // it reads; then Ctrl-Z, and bg
				page := askCode(t, addr, "")
				for page.Code == "" {
					page = askCode(t, addr, page.Ticket)
				}
				io.WriteString(person, "\x1a")
			}
			io.WriteString(person, "1234\n")
			for askCode(t, addr, "").Code != "" {
			}
			for range 20 { // it still answers
				if page := askCode(t, addr, ""); page.Code != "" {
					t.Errorf("a code is shown, %s, and what is typed goes to another program", page.Code)
				}
			}
			stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
			if err != nil {
				t.Fatal(err)
			}
			if _, rest, _ := strings.Cut(string(stat), ") "); strings.HasPrefix(rest, "T") {
				t.Error("serve is stopped")
			}
		})
	}
}
