package browser

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"era/check/servertest"
	"era/internal/hang"
)

var root = filepath.Join("..", "..")

// program builds serve once.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(temporary, "serve")
	cmd := exec.Command("go", "build", "-o", path, "./cmd/serve")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build serve: %w\n%s", err, out)
	}
	return path, nil
})

// served is a running serve.
type served struct {
	address string // http://127.0.0.1:PORT/
	key     string // #key=...
}

var link = regexp.MustCompile(`(http://\S+/)(#key=\S+)`)

// serve starts the real serve on a free port.
func serve(t *testing.T) served {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	line := spawn(t, exec.Command(path, "-addr", "127.0.0.1:0", "-open=false"))
	m := link.FindStringSubmatch(line)
	if m == nil {
		t.Fatalf("serve's first line has no link: %q", line)
	}
	return served{m[1], m[2]}
}

// spawn starts a server whose first line says where it listens. The server must end on an interrupt.
func spawn(t *testing.T, cmd *exec.Cmd) (line string) {
	t.Helper()
	name := filepath.Base(cmd.Path)
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	lines := make(chan string, 1)
	ended, err := servertest.Tethered(cmd, func() {
		for scanner := bufio.NewScanner(stdout); scanner.Scan(); {
			select {
			case lines <- scanner.Text():
			default: // only the first line is wanted
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		select {
		case <-ended:
		case <-time.After(hang.After):
			cmd.Process.Kill()
			t.Errorf("%s does not end on an interrupt", name)
		}
		if t.Failed() {
			t.Logf("%s wrote to standard error:\n%s", name, &stderr)
		}
	})
	select {
	case line = <-lines:
	case <-ended:
		t.Fatalf("%s ended: %s", name, &stderr)
	case <-time.After(patience):
		t.Fatalf("%s does not say where it listens", name)
	}
	return line
}

// export builds the static site once, and returns its folder.
var export = sync.OnceValues(func() (string, error) {
	path, err := program()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(temporary, "site")
	cmd := exec.Command(path, "build", "-out", dir)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("serve build: %w\n%s", err, out)
	}
	return dir, nil
})

// exported returns the address of the static site on disk.
func exported(t *testing.T) string {
	t.Helper()
	dir, err := export()
	if err != nil {
		t.Fatal(err)
	}
	return "file://" + filepath.ToSlash(dir) + "/"
}

// hosted returns the address of the static site on a plain host, below a path.
func hosted(t *testing.T) string {
	t.Helper()
	dir, err := export()
	if err != nil {
		t.Fatal(err)
	}
	const below = "/some/where/"
	host := httptest.NewServer(http.StripPrefix(below, http.FileServer(http.Dir(dir))))
	t.Cleanup(host.Close)
	return host.URL + below
}
