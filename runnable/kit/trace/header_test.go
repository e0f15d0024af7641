package trace

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestHeader: trace.h says in C what layout.go says in Go. A C program prints what the compiler made of it.
func TestHeader(t *testing.T) {
	cc, err := exec.LookPath("cc")
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal("cc is missing, and CI=true")
	}
	if err != nil {
		t.Skip("SKIPPED: cc is missing, so trace.h was not compared with layout.go")
	}
	want := map[string]uint64{
		"TRACE_MAGIC": Magic, "TRACE_VERSION": Version,
		"OFF_MAGIC": offMagic, "OFF_VERSION": offVersion, "OFF_SLOTS": offSlots, "OFF_PID": offPID, "OFF_HEAD": offHead,
		"OFF_TAIL": offTail, "OFF_DROPPED": offDropped, "OFF_SITES": offSites, "OFF_COUNTS": offCounts,
		"SITES_AT": sitesAt, "MAX_SITES": MaxSites, "SITE_READY": siteReady, "THREADS_AT": threadsAt,
		"MAX_THREADS": MaxThreads, "EVENTS_AT": eventsAt,

		"sizeof(struct trace_site)": siteSize, "sizeof(struct trace_thread)": threadSize,
		"sizeof(struct trace_event)":          eventSize,
		"offsetof(struct trace_site, text)":   4,
		"offsetof(struct trace_thread, kind)": 4, "offsetof(struct trace_thread, site)": 6,
		"offsetof(struct trace_thread, fd)": 8, "offsetof(struct trace_thread, since)": 16,
		"offsetof(struct trace_event, seq)": evSeq, "offsetof(struct trace_event, at)": evAt,
		"offsetof(struct trace_event, took)": evTook, "offsetof(struct trace_event, thread)": evThread,
		"offsetof(struct trace_event, kind)": evKind, "offsetof(struct trace_event, site)": evSite,
		"offsetof(struct trace_event, fd)": evFD, "offsetof(struct trace_event, result)": evResult,
		"offsetof(struct trace_event, error)": evErrno, "offsetof(struct trace_event, arg)": evArg,
		"offsetof(struct trace_event, task)": evTask,
	}
	for _, kind := range Kinds() {
		name := strings.ToUpper(strings.ReplaceAll(kind.String(), "-", "_"))
		if kind == ThreadStart {
			name = "THREAD_START"
		}
		want["KIND_"+name] = uint64(kind)
	}
	var program strings.Builder
	program.WriteString("#include \"trace.h\"\n#include <stddef.h>\n#include <stdio.h>\nint main(void) {\n")
	for expression := range want {
		fmt.Fprintf(&program, "printf(\"%%llu %s\\n\", (unsigned long long)(%s));\n", expression, expression)
	}
	program.WriteString("}\n")

	binary := filepath.Join(t.TempDir(), "layout")
	compile := exec.Command(cc, "-Wall", "-Wextra", "-Werror", "-I.", "-o", binary, "-x", "c", "-")
	compile.Stdin = strings.NewReader(program.String())
	if out, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("cc: %v\n%s", err, out)
	}
	out, err := exec.Command(binary).Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != len(want) {
		t.Fatalf("%d lines for %d expressions", len(lines), len(want))
	}
	for _, line := range lines {
		value, expression, _ := strings.Cut(line, " ")
		if value != fmt.Sprint(want[expression]) {
			t.Errorf("%s is %s in C and %d in Go", expression, value, want[expression])
		}
	}
	if len(kindNames) != int(endOfKinds) {
		t.Errorf("%d names for %d kinds", len(kindNames), endOfKinds)
	}
}
