package audit_test

import (
	"os/exec"
	"testing"
)

// TestC3_14: an error in a coroutine that is never awaited is logged when its future is collected, and of the errors of
// several coroutines the first is raised and the others are logged.
func TestC3_14(t *testing.T) {
	// The folder here is called tornado as well, hence a module of it.
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import tornado.gen").Run() != nil {
			continue
		}
		out, err := exec.Command(python, "testdata/forgotten.py").Output()
		const want = "asyncio: Future exception was never retrieved\n" +
			"tornado.application: Multiple exceptions in yield list\n" +
			"raised: first\n"
		if err != nil || string(out) != want {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	t.Skip("SKIPPED: tornado is not installed")
}
