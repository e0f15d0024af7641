package lab

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"era/catalogue"
	"era/lab/process"
)

// machine describes the machine of the experiment: "Linux 6.18, 2 CPUs, Go 1.26.8, CPython 3.11.7, gcc 12.2".
func machine(ctx context.Context, programs []process.Program) string {
	parts := []string{system(), fmt.Sprintf("%d CPUs", runtime.NumCPU())}
	for _, l := range languages(programs) {
		switch l {
		case catalogue.Go:
			parts = append(parts, strings.Replace(runtime.Version(), "go", "Go ", 1))
		case catalogue.Python:
			i := slices.IndexFunc(programs, func(p process.Program) bool { return p.Variant.Language == l })
			parts = append(parts, "CPython "+version(ctx, programs[i].Argv[0]))
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

// version asks a program for its version; "(version unknown)" if it does not say: the recording is as good without.
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

// languages returns the languages of the programs, each once.
func languages(programs []process.Program) []catalogue.Language {
	var all []catalogue.Language
	for _, p := range programs {
		if l := p.Variant.Language; !slices.Contains(all, l) {
			all = append(all, l)
		}
	}
	return all
}

// numbered cuts the version from a compiler's description of itself: the first word that begins with a digit.
func numbered(line string) string {
	for _, word := range strings.Fields(line) {
		if word[0] >= '0' && word[0] <= '9' {
			return word
		}
	}
	return ""
}
