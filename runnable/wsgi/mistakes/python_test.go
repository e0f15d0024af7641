//go:build linux || darwin

package main

import (
	"os"
	"testing"

	"era/check/servertest"
)

// TestPython runs the tests of the middlewares in Python, without a server.
func TestPython(t *testing.T) {
	python := servertest.Need(t, "python3")
	for _, file := range []string{"server.py", "../server.py", "testdata/middleware_test.py"} {
		if _, err := os.ReadFile(file); err != nil { // go test runs this again when one of them has changed
			t.Fatal(err)
		}
	}
	servertest.Run(t, python, "testdata/middleware_test.py")
}
