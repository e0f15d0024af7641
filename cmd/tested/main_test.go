package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The test binary is the command itself if the environment says so: the command that users see is tested.
func TestMain(m *testing.M) {
	if os.Getenv("ERA_TESTED") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// tested runs the command on a module of this name with one package of tests.
func tested(t *testing.T, tests string, args ...string) (out string, failed bool) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module era\n\ngo 1.26\n",
		"sub/x_test.go": "package sub\n\nimport \"testing\"\n\n" + tests} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "ERA_TESTED=1")
	text, err := cmd.CombinedOutput()
	return string(text), err != nil
}

func TestSaysHowToRunAlone(t *testing.T) {
	const tests = `
func TestGood(t *testing.T) { t.Log("not shown") }
func TestBad(t *testing.T) {
	t.Run("fine", func(t *testing.T) {})
	t.Run("it's (not)/well", func(t *testing.T) { t.Error("got 1, want 2") })
}
func TestEnds(t *testing.T) { panic("gone") }
`
	out, failed := tested(t, tests, "-timeout", "9m", "./sub")
	if !failed {
		t.Error("a package that fails: exit status 0")
	}
	for _, want := range []string{
		"got 1, want 2", "panic: gone", "--- FAIL: TestBad",
		`go test ./sub -run '^TestBad$/^it'\''s_\(not\)$/^well$' -count 1` + "\n",
		`go test ./sub -run '^TestEnds$' -count 1` + "\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("want %q in\n%s", want, out)
		}
	}
	for _, no := range []string{"not shown", "=== RUN", "fine", "'^TestBad$' "} {
		if strings.Contains(out, no) {
			t.Errorf("want no %q in\n%s", no, out)
		}
	}
}

func TestSaysOneLineWhenAllIsWell(t *testing.T) {
	out, failed := tested(t, `func TestGood(t *testing.T) { t.Log("not shown") }`, "./sub")
	if failed || !strings.HasPrefix(out, "ok") || strings.Count(out, "\n") != 1 {
		t.Errorf("failed %v, want one line of ok, got\n%s", failed, out)
	}
}

func TestShowsWhatDoesNotCompile(t *testing.T) {
	if out, failed := tested(t, `func TestBad(t *testing.T) { undefined() }`, "./sub"); !failed ||
		!strings.Contains(out, "undefined: undefined") {
		t.Errorf("failed %v, want the compiler's words, got\n%s", failed, out)
	}
}

// Half of the time limit is where a package becomes a risk on a busy machine.
func TestSaysWhatComesNearItsLimit(t *testing.T) {
	var out strings.Builder
	r := newReport(&out, []string{"-race", "-timeout", "10m"})
	if err := r.read(strings.NewReader(`{"Action":"pass","Package":"era/a","Elapsed":301}{"Action":"pass","Package":"era/b","Elapsed":299}`)); err != nil {
		t.Fatal(err)
	}
	r.end()
	if got := out.String(); !strings.Contains(got, "era/a took 5m1s: more than half of the 10m0s") ||
		strings.Contains(got, "era/b") || strings.Contains(got, "to run alone") {
		t.Errorf("want era/a only, got\n%s", got)
	}
}
