//go:build linux || darwin

package main

import (
	"os"
	"os/exec"
	"testing"
)

// TestPython: the middlewares in Python, asked without a server.
func TestPython(t *testing.T) {
	if err := exec.Command("python3", "--version").Run(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("SKIPPED: there is no python3: %v", err)
	}
	for _, file := range []string{"server.py", "../server.py", "testdata/middleware_test.py"} {
		if _, err := os.ReadFile(file); err != nil { // go test runs this again when one of them has changed
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("python3", "testdata/middleware_test.py").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
