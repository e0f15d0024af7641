package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// module finds the folder from which Python imports a module that is not of the standard library. It asks the python3 of
// PATH, so that one of a virtual environment counts; servers run on the interpreter behind it, and are told the folder.
func (b *Builder) module(name string) (folder string, err error) {
	if _, err := b.python(); err != nil {
		return "", err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	folder, known := b.modules[name]
	if !known {
		folder = findModule(name) // not found is remembered as well: to ask takes a while
		b.modules[name] = folder
	}
	if folder == "" {
		return "", fmt.Errorf("the Python module %s is not installed: python3 -m pip install %s", name, name)
	}
	return folder, nil
}

func findModule(name string) (folder string) {
	const probe = "import importlib.util, os, sys; m = importlib.util.find_spec(sys.argv[1]); " +
		"print(os.path.dirname(os.path.dirname(m.origin)) if m and m.origin else '')"
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for _, python := range []string{"python3", "python"} {
		cmd := exec.CommandContext(ctx, python, "-c", probe, name)
		cmd.Dir = os.TempDir() // Python looks for modules where it is started, too, and a server's folder may be called like one
		out, err := cmd.Output()
		if errors.Is(err, exec.ErrNotFound) {
			continue
		}
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(out))
	}
	return ""
}
