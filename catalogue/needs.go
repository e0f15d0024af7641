package catalogue

import (
	_ "embed"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Need is third-party software that must be installed for a server: a module of Python, or a program.
type Need struct {
	Module  string
	Program string
	Ask     []string // arguments with which the program prints its version, and fails if a part of it is missing
	Tells   string   // what the version is of, if the program does not say
	// How to get it: the names of packages of Debian, of Homebrew, and of Python's own index. "" where there is none.
	Debian, Brew, Pip string
}

//go:embed needs.yaml
var needsFile string

// needs are all of needs.yaml, by name.
func needs() (map[string]Need, error) {
	all := map[string]Need{}
	decoder := yaml.NewDecoder(strings.NewReader(needsFile))
	decoder.KnownFields(true)
	if err := decoder.Decode(&all); err != nil {
		return nil, located("catalogue/needs.yaml", err)
	}
	for name, n := range all {
		if (n.Module == "") == (n.Program == "") {
			return nil, fmt.Errorf("catalogue/needs.yaml: %s is either a module or a program", name)
		}
		if n.Module != "" && n.Debian+n.Brew+n.Pip == "" {
			n.Debian, n.Pip = "python3-"+n.Module, n.Module
			all[name] = n
		}
	}
	return all, nil
}
