package lab

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"runtime"

	"era/catalogue"
	"era/catalogue/madeof"
	"era/catalogue/madeof/code"
	"era/lab/recording"
)

// Sources are the files that programs are made of. Finding them takes time, and the tools of the languages: only a
// recording that is kept needs them.
type Sources struct {
	made map[string][]string // names of files, by the name of the program
	code map[string]code.File
}

// Sources finds the files that programs are made of here.
func (l *Lab) Sources(ctx context.Context, programs ...catalogue.Variant) (Sources, error) {
	return FindSources(ctx, l.root, runtime.GOOS, programs...)
}

// FindSources finds the files that programs are made of on a system, below the root of the repository.
func FindSources(ctx context.Context, root, system string, programs ...catalogue.Variant) (Sources, error) {
	all := make([]madeof.Program, len(programs))
	for i, v := range programs {
		all[i] = madeof.Program{Source: v.Server.Source(v.Language), Args: v.Server.Args}
	}
	files, err := madeof.Files(ctx, root, system, all...)
	if err != nil {
		return Sources{}, err
	}
	s := Sources{map[string][]string{}, map[string]code.File{}}
	for i, names := range files {
		s.made[programs[i].String()] = names
		if err := madeof.Read(root, names, s.code); err != nil {
			return Sources{}, err
		}
	}
	return s, nil
}

// Sums returns the hashes of the code of all files of some of the programs, and of the arguments that their entries
// give.
func (s Sources) Sums(programs ...catalogue.Variant) map[string]string {
	sums := map[string]string{}
	for _, v := range programs {
		for _, name := range s.made[v.String()] {
			sums[name] = s.code[name].Sum
		}
		if args := v.Server.Args; len(args) > 0 {
			sum := sha256.Sum256(fmt.Appendf(nil, "%q", args))
			sums[v.Server.Dir()+"/server.yaml#"+v.Server.ID] = hex.EncodeToString(sum[:8])
		}
	}
	return sums
}

// Keep prepares a recording of some of the programs to be kept: it adds the sources, and its source lines stay right
// when comments change.
func (s Sources) Keep(r *recording.Recording, programs ...catalogue.Variant) {
	r.Sources = s.Sums(programs...)
	r.Relocate(func(site recording.Site) int { return s.code[site.File].Count(site.Line) })
}
