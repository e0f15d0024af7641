//go:build linux || darwin

package main

import (
	"os"
	"testing"

	"era/check/servertest"
)

// TestPython runs the tests of the middleware in Python, without a server.
func TestPython(t *testing.T) {
	python := servertest.NeedPython(t, "import asyncio; asyncio.timeout")
	for _, file := range []string{"server.py", "testdata/queueing_test.py"} {
		if _, err := os.ReadFile(file); err != nil { // go test runs this again when one of them has changed
			t.Fatal(err)
		}
	}
	servertest.Run(t, python, "testdata/queueing_test.py")
}
