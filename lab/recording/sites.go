package recording

import "slices"

// Relocate gives all sites other lines. Where there is none, less than 1, marks lose their site. Results that were
// copied from the recording keep theirs.
//
// In its file, a recording counts only lines with code (see era/catalogue/madeof/code). Its sources are the same while
// their code is, and meanwhile comments come and go, which moves lines. Writing and reading the file change the count.
func (r *Recording) Relocate(line func(Site) int) {
	for i := range r.Tracks {
		t := &r.Tracks[i]
		sites, moved := []Site{}, make([]int, len(t.Sites))
		for j, s := range t.Sites {
			moved[j] = -1
			if n := line(s); n > 0 {
				moved[j] = len(sites)
				sites = append(sites, Site{File: s.File, Line: n})
			}
		}
		t.Sites = sites
		for j := range t.Marks {
			if m := &t.Marks[j]; m.Site >= 0 {
				m.Site = moved[m.Site]
			}
		}
	}
	r.Result.Servers = slices.Clone(r.Result.Servers)
	for i, s := range r.Result.Servers {
		if s.Observed == nil || s.Observed.Stuck == nil || s.Observed.Stuck.Site == nil {
			continue
		}
		observed, stuck, site := *s.Observed, *s.Observed.Stuck, *s.Observed.Stuck.Site
		stuck.Site = nil
		if site.Line = line(site); site.Line > 0 {
			stuck.Site = &site
		}
		observed.Stuck = &stuck
		r.Result.Servers[i].Observed = &observed
	}
}
