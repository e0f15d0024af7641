package process

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

const longestBuild = 10 * time.Minute

// forThisMachine has the go command build what runs here, whatever a reader's shell cross-compiles for.
var forThisMachine = []string{"GOOS=" + runtime.GOOS, "GOARCH=" + runtime.GOARCH}

// run runs a compiler below a supervisor, so that it is gone, too, when the lab is.
func run(ctx context.Context, dir string, nice int, argv []string) error {
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return err
	}
	scratch, remove, err := Scratch() // compilers that are killed leave large files behind
	if err != nil {
		return err
	}
	defer remove()
	env := append([]string{"TMPDIR=" + scratch, "GOTMPDIR=" + scratch}, forThisMachine...)
	for _, kv := range os.Environ() {
		switch name, _, _ := strings.Cut(kv, "="); name {
		case superviseEnv, "TMPDIR", "GOTMPDIR", "GOOS", "GOARCH":
		default:
			env = append(env, kv)
		}
	}
	c, err := spawn(ctx, spec{
		Argv: append([]string{path}, argv[1:]...), Dir: dir, Env: env, Scratch: scratch, Nice: nice, Wall: longestBuild,
	}, nil)
	if err != nil {
		return err
	}
	<-c.done
	if r := c.last; r.Ended && r.Code == 0 && r.Signal == 0 && !r.Stopped && r.Why == "" {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	said := c.output()
	if why := cmp.Or(c.last.Error, c.last.Why); why != "" { // the supervisor's own word: a full disk, a limit
		said = append([]string{why}, said...)
	}
	return fmt.Errorf("%s failed:\n%s", argv[0], shorten(said, 12))
}

// shorten keeps the first lines: compilers say first what matters.
func shorten(lines []string, most int) string {
	if len(lines) > most {
		lines = append(lines[:most:most], fmt.Sprintf("(%d more lines)", len(lines)-most))
	}
	return strings.Join(lines, "\n")
}

// serverEnv is all of the environment that a server sees: nothing of the reader's secrets.
func serverEnv(p Program, trace string) []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE", "TZ"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	// Go listens with Multipath TCP by default, which the others do not: the same socket for all.
	env = append(env, "GODEBUG=multipathtcp=0")
	if p.Pycache != "" {
		env = append(env, "PYTHONUNBUFFERED=1", "PYTHONPYCACHEPREFIX="+p.Pycache)
		if !p.UserSite {
			env = append(env, "PYTHONNOUSERSITE=1")
		}
	}
	if p.Modules != "" {
		env = append(env, "PYTHONPATH="+p.Modules)
	}
	if trace != "" {
		env = append(env, "ERA_TRACE="+trace)
		if p.Preload != "" {
			env = append(env, "LD_PRELOAD="+p.Preload)
		}
	}
	return env
}

// outputOf runs a tool and returns what it prints.
func outputOf(name, hint string, args ...string) (string, error) {
	path, err := exec.LookPath(name)
	if errors.Is(err, exec.ErrDot) {
		return "", fmt.Errorf("%s is found in the working directory only, where anything may have put it: take . off PATH; %s", name, hint)
	} else if err != nil {
		return "", fmt.Errorf("no %s found; %s", name, hint)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append(os.Environ(), forThisMachine...)
	cmd.WaitDelay = time.Second // what it has started may live on and hold its output
	out, err := cmd.CombinedOutput()
	if err != nil {
		said := shorten(strings.Split(strings.TrimSpace(string(out)), "\n"), 1) // a folder for temporary files that is missing, for one
		return "", fmt.Errorf("%s does not work: %v: %s; %s", path, err, said, hint)
	}
	return strings.TrimSpace(string(out)), nil
}

func installHint(apt, mac string) string {
	if runtime.GOOS == "darwin" {
		return mac
	}
	return "on Debian and Ubuntu: apt-get install " + apt
}
