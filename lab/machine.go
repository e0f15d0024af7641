package lab

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"strings"

	"era/catalogue"
)

// machine says on what the experiment ran: "Linux 6.18, 2 CPUs, Go 1.26.8, CPython 3.11.7, gcc 12.2".
func machine(ctx context.Context, sides []*side) string {
	parts := []string{system(), fmt.Sprintf("%d CPUs", runtime.NumCPU())}
	for _, l := range languages(sides) {
		switch l {
		case catalogue.Go:
			parts = append(parts, strings.Replace(runtime.Version(), "go", "Go ", 1))
		case catalogue.Python:
			for _, s := range sides {
				if s.program.Variant.Language == l {
					parts = append(parts, "CPython "+version(ctx, s.program.Argv[0]))
					break
				}
			}
		case catalogue.C:
			name := "cc"
			if runtime.GOOS == "linux" {
				name = "gcc"
			}
			parts = append(parts, name+" "+version(ctx, "cc"))
		}
	}
	return strings.Join(parts, ", ")
}

// version asks a program for its version; "(version unknown)" when it does not say: the recording is as good without.
func version(ctx context.Context, program string) string {
	out, err := exec.CommandContext(ctx, program, "--version").Output()
	line, _, _ := strings.Cut(string(out), "\n")
	if _, after, found := strings.Cut(line, ") "); found { // cc (Debian 12.2.0-14) 12.2.0
		line = after
	}
	if v := numbered(line); err == nil && v != "" {
		return v
	}
	return "(version unknown)"
}
