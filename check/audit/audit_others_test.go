//go:build linux

package audit_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"era/runnable/kit/trace"
)

// ofSockets are the kinds that are compared for third-party loops: libuv's list looks like that of Go's runtime.
var ofSockets = []trace.Kind{trace.Socket, trace.Bind, trace.Listen, trace.Accept, trace.Connect, trace.Read,
	trace.Write, trace.Close, trace.Shutdown}

// threads returns the threads of the process, with a space on both sides of each.
func threads(t *testing.T, pid int) string {
	t.Helper()
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		t.Fatal(err)
	}
	all := " "
	for _, task := range tasks {
		all += task.Name() + " "
	}
	return all
}

// keepOnly keeps strace's lines about some processes; about all of them if none is named.
func keepOnly(t *testing.T, path, processes string) {
	t.Helper()
	if processes == "" {
		return
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var kept strings.Builder
	for line := range strings.Lines(string(text)) {
		if pid, _, _ := strings.Cut(line, " "); strings.Contains(processes, " "+pid+" ") {
			kept.WriteString(line)
		}
	}
	if err := os.WriteFile(path, []byte(kept.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}
