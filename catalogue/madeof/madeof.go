// Package madeof derives which files of the repository a program is made of: from the go command, from Python's
// imports, and from the C compiler. A recorded run is stale when the code of one of them has changed.
package madeof

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"era/catalogue/madeof/code"
)

// Program is a program whose files are wanted. The extension of its source determines its language.
type Program struct {
	Source string   // its own file, relative to the repository's root, with slashes; of a Go program, one in its folder
	Args   []string // those that it always has: they may choose other files
}

// ignored are files of programs whose change makes no recorded run stale.
var ignored = []struct{ below, why string }{
	{"runnable/kit/trace/", "the tracer only watches: a server does the same without it"},
}

// Files returns, for each program, the files that it is made of, sorted, as seen from the root of the repository. They
// are those of a build for the system, which has Go's name; "" is this one.
func Files(ctx context.Context, root, system string, programs ...Program) ([][]string, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	if root, err = filepath.EvalSymlinks(root); err != nil { // the go command uses this name
		return nil, err
	}
	files := make([][]string, len(programs))
	for extension, derive := range map[string]func(context.Context, tree, []Program) ([][]string, error){
		".go": ofGo, ".py": ofPython, ".c": ofC,
	} {
		var at []int
		var some []Program
		for i, p := range programs {
			if path.Ext(p.Source) == extension {
				at, some = append(at, i), append(some, p)
			}
		}
		if len(some) == 0 {
			continue
		}
		found, err := derive(ctx, tree{root, system}, some)
		if err != nil {
			return nil, fmt.Errorf("what %s is made of: %w", some[0].Source, err)
		}
		for i, names := range found {
			files[at[i]] = counting(names)
		}
	}
	for i, names := range files {
		if !slices.Contains(names, programs[i].Source) {
			return nil, fmt.Errorf("what %s is made of: %q do not have it", programs[i].Source, names)
		}
	}
	return files, nil
}

// counting returns those files that are not ignored, sorted, each once.
func counting(names []string) []string {
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool {
		for _, i := range ignored {
			if strings.HasPrefix(name, i.below) {
				return true
			}
		}
		return false
	})
}

// tree is the repository, as built for a system.
type tree struct{ root, system string }

// below returns the name of a file as seen from the root; false if it is elsewhere.
func (t tree) below(file string) (string, bool) {
	name, err := filepath.Rel(t.root, file)
	return filepath.ToSlash(name), err == nil && filepath.IsLocal(name)
}

// output runs a command at the root.
func (t tree) output(ctx context.Context, in io.Reader, hint string, argv ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir, cmd.Stdin = t.root, in
	if t.system != "" {
		cmd.Env = append(os.Environ(), "GOOS="+t.system)
	}
	var failed bytes.Buffer
	cmd.Stderr = &failed
	out, err := cmd.Output()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, fmt.Errorf("there is no %s on PATH, and %s: %w", argv[0], hint, exec.ErrNotFound)
	case err != nil:
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(argv[:2], " "), err, failed.Bytes())
	}
	return out, nil
}

// ofGo asks the go command, which knows the files of a build and what they embed.
func ofGo(ctx context.Context, t tree, programs []Program) ([][]string, error) {
	argv := []string{"go", "list", "-deps", "-buildvcs=false",
		"-json=Dir,ImportPath,Standard,Deps,GoFiles,CgoFiles,CFiles,HFiles,SFiles,EmbedFiles"}
	for _, p := range programs {
		argv = append(argv, "./"+path.Dir(p.Source))
	}
	out, err := t.output(ctx, nil, "programs in Go need it (https://go.dev/dl/)", argv...)
	if err != nil {
		return nil, err
	}
	type goPackage struct {
		Dir, ImportPath        string
		Standard               bool
		Deps                   []string
		GoFiles, CgoFiles      []string
		CFiles, HFiles, SFiles []string
		EmbedFiles             []string
	}
	files, folders := map[string][]string{}, map[string]goPackage{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		folder, ours := t.below(p.Dir)
		if !ours || p.Standard {
			continue
		}
		folders[folder] = p
		for _, file := range slices.Concat(p.GoFiles, p.CgoFiles, p.CFiles, p.HFiles, p.SFiles, p.EmbedFiles) {
			files[p.ImportPath] = append(files[p.ImportPath], path.Join(folder, file))
		}
	}
	all := make([][]string, len(programs))
	for i, program := range programs {
		p := folders[path.Dir(program.Source)]
		for _, name := range append(p.Deps, p.ImportPath) {
			all[i] = append(all[i], files[name]...)
		}
	}
	return all, nil
}

//go:embed imports.py
var imports string

// ofPython reads the programs with a Python program, as only Python knows its syntax.
func ofPython(ctx context.Context, t tree, programs []Program) (all [][]string, err error) {
	wanted := make([][2]any, len(programs))
	for i, p := range programs {
		wanted[i] = [2]any{p.Source, append([]string{}, p.Args...)}
	}
	in, err := json.Marshal(map[string]any{"root": t.root, "programs": wanted})
	if err != nil {
		return nil, err
	}
	const hint = "programs in Python need it"
	out, err := t.output(ctx, bytes.NewReader(in), hint, "python3", "-I", "-S", "-c", imports)
	if err != nil {
		return nil, err
	}
	return all, json.Unmarshal(out, &all)
}

// ofC asks the compiler, which answers with rules for make. Another system's headers are missing here; as -MG has it,
// the compiler then names them as if they stood in our folders.
func ofC(ctx context.Context, t tree, programs []Program) ([][]string, error) {
	argv := []string{"cc", "-MM", "-MG", "-pthread"}
	for _, p := range programs {
		argv = append(argv, p.Source)
	}
	out, err := t.output(ctx, nil, "programs in C need it", argv...)
	if err != nil {
		return nil, err
	}
	var all [][]string
	for rule := range strings.Lines(strings.ReplaceAll(string(out), "\\\n", " ")) {
		_, names, _ := strings.Cut(rule, ":")
		var files []string
		for _, name := range strings.Fields(names) {
			path := filepath.Join(t.root, name)
			if file, ours := t.below(path); ours && exists(path) {
				files = append(files, file)
			}
		}
		all = append(all, files)
	}
	if len(all) != len(programs) {
		return nil, fmt.Errorf("cc -MM: %d rules for %d programs", len(all), len(programs))
	}
	return all, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Read adds the code of files.
func Read(root string, files []string, into map[string]code.File) error {
	for _, name := range files {
		if _, known := into[name]; known {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		into[name] = code.Of(name, text)
	}
	return nil
}
