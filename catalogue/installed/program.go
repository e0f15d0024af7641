package installed

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"era/catalogue"
)

type program struct {
	says string
	err  error
}

// Programs returns for each needed program where it is and the version that it reports. The error says what is missing
// and how to get it.
func (f *Finder) Programs(needs []catalogue.Need) (found []string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, n := range needs {
		if n.Program == "" {
			continue
		}
		p, known := f.programs[n.Program]
		if !known {
			p = f.look(n)
			if f.programs == nil {
				f.programs = map[string]program{}
			}
			f.programs[n.Program] = p
		}
		if p.err != nil {
			return nil, p.err
		}
		found = append(found, p.says)
	}
	return found, nil
}

func (f *Finder) look(n catalogue.Need) program {
	path, err := find(n.Program)
	if err != nil {
		return program{err: fmt.Errorf("%s is not installed: %s", n.Program, get([]catalogue.Need{n}))}
	}
	stdout, stderr, err := f.run(path, n.Ask...)
	if err != nil {
		return program{err: fmt.Errorf("%s does not work, or lacks a part: %s", path, get([]catalogue.Need{n}))}
	}
	says, _, _ := strings.Cut(strings.TrimSpace(stdout+stderr), "\n") // some write their version to standard error
	return program{says: path + " (" + n.Tells + says + ")"}
}

// patience is how long a program may take to report its version. Tests set a shorter time.
var patience = 20 * time.Second

// run runs a command that ends when patience does. A process that it has started may live on and hold its output, as
// with a script that waits for something; run does not wait for that.
func (f *Finder) run(path string, args ...string) (stdout, stderr string, err error) {
	if f.Run != nil {
		return f.Run(path, args...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var out, words strings.Builder
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Stdout, cmd.Stderr = &out, &words
	cmd.WaitDelay = time.Second
	err = cmd.Run()
	return out.String(), words.String(), err
}

// find is exec.LookPath that also looks where distributions put servers: those folders are not on every user's PATH.
func find(program string) (path string, err error) {
	for _, dir := range []string{"", "/usr/sbin/", "/usr/local/sbin/"} {
		if path, err = exec.LookPath(dir + program); err == nil {
			return path, nil
		}
	}
	return "", err
}

// get says how to get what is needed on this system.
func get(needs []catalogue.Need) string {
	var debian, brew, pip []string
	for _, n := range needs {
		debian, brew, pip = append(debian, n.Debian), append(brew, n.Brew), append(pip, n.Pip)
	}
	var ways []string
	for _, way := range []struct {
		here     bool
		command  string
		packages []string
	}{
		{runtime.GOOS != "darwin", "on Debian and Ubuntu: apt-get install ", debian},
		{runtime.GOOS == "darwin", "brew install ", brew},
		{true, "python3 -m pip install ", pip},
	} {
		if way.here && !slices.Contains(way.packages, "") { // otherwise the hint would be incomplete
			ways = append(ways, way.command+strings.Join(way.packages, " "))
		}
	}
	return strings.Join(ways, "; or ")
}
