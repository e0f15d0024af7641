package lab

import (
	"context"

	"era/catalogue"
	"era/catalogue/madeof"
	"era/catalogue/madeof/code"
	"era/lab/recording"
)

// Sources are the files that programs are made of. To find them takes the tools of their languages, and time: only what is
// kept needs them.
type Sources map[string]code.File

// Sources finds the files that programs are made of.
func (l *Lab) Sources(ctx context.Context, programs ...catalogue.Variant) (Sources, error) {
	all := make([]madeof.Program, len(programs))
	for i, v := range programs {
		all[i] = madeof.Program{Source: v.Server.Source(v.Language), Args: v.Server.Args}
	}
	files, err := madeof.Files(ctx, l.root, "", all...)
	if err != nil {
		return nil, err
	}
	sources := Sources{}
	for _, names := range files {
		if err := madeof.Read(l.root, names, sources); err != nil {
			return nil, err
		}
	}
	return sources, nil
}

// Sums are those of the files' code.
func (s Sources) Sums() map[string]string {
	sums := map[string]string{}
	for name, file := range s {
		sums[name] = file.Sum
	}
	return sums
}

// Keep makes a recording fit to be kept: it knows what it was made of, and its lines stay right when those without code move.
func (s Sources) Keep(r *recording.Recording) {
	r.Sources = s.Sums()
	r.Relocate(func(site recording.Site) int { return s[site.File].Count(site.Line) })
}
