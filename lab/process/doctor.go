package process

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"era/catalogue"
)

// Doctor writes what this machine can run, what is missing, and how to get it. It reports whether everything that the
// book needs is there; optional things do not count.
func Doctor(ctx context.Context, w io.Writer, b *Builder) (well bool) {
	d := &doctor{w: w, well: true}
	fmt.Fprintf(w, "The Era of Asynchrony on %s/%s, %d CPUs\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())

	d.heading("Languages")
	d.tool("Go", b.goVersion)
	d.tool("C", b.ccVersion)
	d.tool("Python", func() (string, error) {
		python, err := b.others.Python(nil)
		return python.Path, err
	})

	d.heading("Servers")
	for _, s := range catalogue.Servers() {
		if len(s.Needs) > 0 {
			continue
		}
		var can, cannot []string
		for _, l := range s.Languages {
			if err := b.Available(catalogue.Variant{Server: s, Language: l}); err != nil {
				cannot = append(cannot, string(l))
			} else {
				can = append(can, string(l))
			}
		}
		text := strings.Join(can, ", ")
		if len(cannot) > 0 {
			text += "; not here: " + strings.Join(cannot, ", ")
		}
		d.line(mark(len(cannot) == 0), s.ID, text)
	}

	d.heading("Contestants: third-party servers, where they are installed")
	for _, s := range catalogue.Servers() {
		if len(s.Needs) > 0 {
			d.contestant(b, s)
		}
	}

	d.heading("Watching calls")
	d.line("ok", "Go", TracedInProcess+": the servers write their events themselves")
	for _, s := range catalogue.Servers() {
		if s.Untraced != "" && len(s.Needs) == 0 {
			d.line("ok", s.ID, "no: "+s.Untraced)
		}
	}
	if path, err := b.Preload(ctx); err != nil {
		d.line("--", "C, Python", "no: "+err.Error()+"; the servers run all the same")
	} else {
		d.line("ok", "C, Python", TracedPreloaded+": "+path)
	}

	d.heading("Limits")
	d.limits()

	d.heading("Sandbox")
	d.sandbox()

	d.heading("Optional")
	d.optional("strace", "strace", "the tests compare our counts of calls with its counts: "+installHint("strace", "not on macOS"))
	d.optional("browser", "chromium google-chrome chrome chromium-browser",
		"the browser tests need it: "+installHint("chromium", "brew install chromium"))
	return d.well
}

type doctor struct {
	w    io.Writer
	well bool
}

func mark(good bool) string {
	if good {
		return "ok"
	}
	return "no"
}

func (d *doctor) heading(text string) { fmt.Fprintf(d.w, "\n%s\n", text) }

func (d *doctor) line(state, name, text string) {
	if state == "no" {
		d.well = false
	}
	fmt.Fprintf(d.w, "  %-2s  %-18s  %s\n", state, name, text)
}

// contestant writes where a third-party server is and its version, or how to get it. Nothing in the book depends on it.
func (d *doctor) contestant(b *Builder, s catalogue.Server) {
	if err := b.Available(catalogue.Variant{Server: s, Language: s.Languages[0]}); err != nil {
		d.line("--", s.ID, err.Error())
		return
	}
	if there, err := b.others.All(s.Needs); err != nil { // it was there a moment ago
		d.line("--", s.ID, err.Error())
	} else {
		d.line("ok", s.ID, strings.Join(there, "; "))
	}
}

func (d *doctor) tool(name string, version func() (string, error)) {
	if found, err := version(); err != nil {
		d.line("no", name, err.Error())
	} else {
		first, _, _ := strings.Cut(found, "\n")
		d.line("ok", name, first)
	}
}

func (d *doctor) optional(name, programs, why string) {
	for _, program := range strings.Fields(programs) {
		if path, err := exec.LookPath(program); err == nil {
			d.line("ok", name, path)
			return
		}
	}
	d.line("--", name, "not found; "+why)
}

func (d *doctor) limits() {
	if soft, hard, err := descriptorLimit(); err != nil {
		d.line("--", "descriptors", err.Error())
	} else if hard < 4096 {
		d.line("--", "descriptors", fmt.Sprintf("%d (%d at most): experiments with many sockets need 4096; raise it with ulimit -n", soft, hard))
	} else {
		d.line("ok", "descriptors", fmt.Sprintf("%d, up to %d", soft, hard))
	}
	for _, limit := range []struct{ name, file, about string }{
		{"backlog", "/proc/sys/net/core/somaxconn", "connections that may wait to be accepted (net.core.somaxconn)"},
		{"threads", "/proc/sys/kernel/threads-max", "threads of the whole system (kernel.threads-max); a Go program ends at 10000 of its own"},
	} {
		if value, err := os.ReadFile(limit.file); err == nil { // other systems have no such file
			d.line("ok", limit.name, strings.TrimSpace(string(value))+" "+limit.about)
		}
	}
}

// sandbox says what does and does not confine a server.
func (d *doctor) sandbox() {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		d.line("no", "servers", errUnsupported.Error())
		return
	}
	d.line("ok", "limits", "descriptors, CPU time, file size, no core dumps; memory, number of processes and age are watched")
	d.line("ok", "environment", "a short list of harmless variables, nothing else")
	if runtime.GOOS == "linux" {
		d.line("ok", "clean-up", "process group and subreaper: what forks or leaves the group is found and killed")
		if haveGroup() {
			d.line("ok", "fork bombs", "a cgroup of its own for each run: the kernel kills all that is in it at once")
		} else if os.Geteuid() != 0 {
			d.line("ok", "fork bombs", "no cgroup can be made here: the kernel limits how many tasks you may have, and what hides from its supervisor may be missed")
		} else {
			d.line("--", "fork bombs", "no cgroup can be made here, and root has no limit: one that is fast is stopped late, and what hides from its supervisor may be missed")
		}
	} else {
		d.line("--", "clean-up", "process group; a server that leaves it may be missed, as macOS has no subreapers")
	}
	d.line("--", "files, network", "not confined: the servers run with your rights. Only the book's own servers are run")
}
