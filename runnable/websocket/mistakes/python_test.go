//go:build linux || darwin

package main

import (
	"os"
	"os/exec"
	"testing"
)

// TestPython: the middleware in Python, asked without a server.
func TestPython(t *testing.T) {
	if err := exec.Command("python3", "-c", "import asyncio; asyncio.timeout").Run(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("SKIPPED: there is no python3 of 3.11 or later: %v", err)
	}
	for _, file := range []string{"server.py", "testdata/queueing_test.py"} {
		if _, err := os.ReadFile(file); err != nil { // go test runs this again when one of them has changed
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("python3", "testdata/queueing_test.py").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
