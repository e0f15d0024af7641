package recording

// Relocate gives all sites other lines. Where there is none, less than 1, marks lose their site.
//
// In its file, a recording counts lines with code only (see era/catalogue/madeof/code), as its sources are the same while
// their code is: comments come and go, and lines move. Whoever writes or reads the file changes from one count to the other.
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
}
