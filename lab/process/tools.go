package process

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

const longestBuild = 10 * time.Minute

// forThisMachine makes the go command build for this machine, whatever a reader's shell cross-compiles for.
var forThisMachine = []string{"GOOS=" + runtime.GOOS, "GOARCH=" + runtime.GOARCH}

// run runs a compiler below a supervisor, so that it ends with the lab. out and errs are as for spawn; other changes
// the compiler's environment.
func run(ctx context.Context, dir string, nice int, argv []string, out, errs func(line string), other ...string) error {
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return err
	}
	scratch, remove, err := Scratch() // compilers that are killed leave large files behind
	if err != nil {
		return err
	}
	defer remove()
	env := toolEnv(append(other, "TMPDIR="+scratch, "GOTMPDIR="+scratch)...)
	c, err := spawn(ctx, spec{
		Argv: append([]string{path}, argv[1:]...), Dir: dir, Env: env, Scratch: scratch, Nice: nice, Wall: longestBuild,
	}, out, errs)
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
	said := slices.DeleteFunc(c.output(), isPackage)
	if why := cmp.Or(c.last.Error, c.last.Why); why != "" { // the supervisor's own message: a full disk, a limit
		said = append([]string{why}, said...)
	}
	return fmt.Errorf("%s failed:\n%s", argv[0], shorten(said, 12))
}

// toolEnv returns the reader's environment for tools: with the given values changed, and for this machine if they say
// nothing else.
func toolEnv(other ...string) []string {
	env := other
	for _, kv := range append(slices.Clone(forThisMachine), os.Environ()...) {
		name, _, _ := strings.Cut(kv, "=")
		if !slices.ContainsFunc(env, func(set string) bool { return strings.HasPrefix(set, name+"=") }) {
			env = append(env, kv)
		}
	}
	return env
}

// shorten keeps the first lines: compilers say first what matters.
func shorten(lines []string, most int) string {
	if len(lines) > most {
		lines = append(lines[:most:most], fmt.Sprintf("(%d more lines)", len(lines)-most))
	}
	return strings.Join(lines, "\n")
}

// serverEnv returns everything that a server sees of the environment: none of the reader's secrets.
func serverEnv(p Program, trace string) []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE", "TZ"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	// Go listens with Multipath TCP by default, which the other languages do not: all use the same kind of socket.
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
		return "", fmt.Errorf("%s is found only in the working directory, where anything may have put it: remove . from PATH; %s", name, hint)
	} else if err != nil {
		return "", fmt.Errorf("no %s found; %s", name, hint)
	}
	stdout, stderr, err := probe(path, args...)
	if err != nil {
		return "", fmt.Errorf("%s does not work: %v; %s", path, err, hint)
	}
	return strings.TrimSpace(stdout + stderr), nil
}

// probe runs a tool of this machine to ask for its version, below a supervisor: one that hangs ends when its time is
// up, or when the lab ends.
func probe(path string, args ...string) (stdout, stderr string, err error) {
	var said strings.Builder
	c, err := spawn(context.Background(), spec{
		Argv: append([]string{path}, args...), Env: toolEnv(), Wall: patience,
	}, func(line string) { said.WriteString(line + "\n") }, nil)
	if err != nil {
		return "", "", err
	}
	<-c.done
	stderr = strings.Join(c.stderr.all(), "\n")
	if c.last.Ended && c.last.Code == 0 && c.last.Signal == 0 && c.last.Why == "" {
		return said.String(), stderr, nil
	}
	return said.String(), stderr, errors.New(c.exit())
}

// patience is how long a probe may take. Tests set a shorter time.
var patience = 20 * time.Second

func installHint(apt, mac string) string {
	if runtime.GOOS == "darwin" {
		return mac
	}
	return "on Debian and Ubuntu: apt-get install " + apt
}
