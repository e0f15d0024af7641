package recording

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"regexp"
	"slices"
	"time"
)

// The bounds of a recording. The largest of the book's recordings are at about a tenth of them.
const (
	MaxBytes   = 16 << 20 // of the file
	MaxServers = 8
	maxLanes   = 100_000 // of one server
	maxMarks   = 100_000 // likewise
	maxSources = 1000
	maxLength  = 10 * time.Minute
	maxNumber  = 1e15 // so that sums and products of a few fit an int64 and a JavaScript number
)

// Check returns an error for content that no lab can have written.
func (r *Recording) Check() error {
	servers := r.Result.Servers
	if len(servers) == 0 || len(servers) > MaxServers || len(r.Tracks) != len(servers) {
		return fmt.Errorf("%d servers and %d tracks: want as many of both, "+
			"1 to %d", len(servers), len(r.Tracks), MaxServers)
	}
	if r.Length < 0 || r.Length > int64(maxLength) {
		return fmt.Errorf("a length of %d ns: want 0 to %v", r.Length, maxLength)
	}
	err := errors.Join(texts(r), sources(r.Sources))
	if l := r.Result.Load; l != nil {
		err = errors.Join(err, numbers(float64(l.Processors), l.Ours, l.Others))
	}
	for i, s := range servers {
		if err := s.check(); err != nil {
			return fmt.Errorf("servers[%d]: %w", i, err)
		}
		if err := s.Observed.check(); err != nil {
			return fmt.Errorf("result.servers[%d].observed%w", i, err)
		}
		if err := r.Tracks[i].check(r.Length); err != nil {
			return fmt.Errorf("tracks[%d].%w", i, err)
		}
	}
	return err
}

func (s *Server) check() error {
	err := errors.Join(numbers(s.ReadyMS, s.CPUMS, float64(s.ThreadsMax), float64(s.RSSKBStart), float64(s.RSSKBMax),
		float64(s.Again),
		float64(s.Events.Kept), float64(s.Events.Dropped), float64(s.Elsewhere)), s.Group.check())
	if s.Told != nil {
		err = errors.Join(err, numbers(s.Told.AtMS, s.Told.TookMS))
	}
	for _, g := range s.PerGroup {
		err = errors.Join(err, g.check())
	}
	for _, n := range s.Syscalls {
		err = errors.Join(err, numbers(float64(n)))
	}
	return err
}

func (g *Group) check() error {
	l := []Latency{g.Latency}
	if g.FirstByte != nil {
		l = append(l, *g.FirstByte)
	}
	err := numbers(float64(g.Requests.Sent), float64(g.Requests.Answered), float64(g.Requests.Failed))
	for _, l := range l {
		err = errors.Join(err, numbers(l.P50, l.P90, l.P99, l.Max))
	}
	return err
}

// call is the pattern of a call's name.
var call = regexp.MustCompile(`^[a-z0-9_-]{0,20}$`)

func (t *Track) check(length int64) error {
	if len(t.Lanes) > maxLanes || len(t.Marks) > maxMarks || len(t.Sites) > maxSources {
		return fmt.Errorf("lanes, marks, sites: %d, %d and %d: want at most %d, %d "+
			"and %d", len(t.Lanes), len(t.Marks), len(t.Sites), maxLanes, maxMarks, maxSources)
	}
	if t.Told < 0 || t.Told > length {
		return fmt.Errorf("told: at %d ns, which is not within %d", t.Told, length)
	}
	if t.Died < 0 || t.Died > length {
		return fmt.Errorf("died: at %d ns, which is not within %d", t.Died, length)
	}
	for i, l := range t.Lanes {
		if l.ID != i || !slices.ContainsFunc(Kinds, func(k Kind) bool { return k.Name == l.Kind }) {
			return fmt.Errorf("lanes[%d]: number %d of kind %.40q: want its place, and a known kind", i, l.ID, l.Kind)
		}
	}
	for i, s := range t.Sites {
		if err := s.check(); err != nil {
			return fmt.Errorf("sites[%d]%w", i, err)
		}
	}
	seen := map[texted]bool{} // those of marks before: there are few, and looking at each takes time
	for i, m := range t.Marks {
		err := m.check(t, length)
		if w := (texted{m.State, m.Call, m.Errno}); err == nil && !seen[w] {
			seen[w], err = true, w.check()
		}
		if err != nil {
			return fmt.Errorf("marks[%d].%w", i, err)
		}
	}
	return nil
}

// texted are the texts of a mark.
type texted struct {
	state       State
	call, errno string
}

func (w texted) check() error {
	if w.state.Order() < 0 {
		return fmt.Errorf("state: unknown %q", w.state)
	}
	if !call.MatchString(w.call) {
		return fmt.Errorf("call: %.40q is not the name of a call", w.call)
	}
	if err := text(w.errno); err != nil {
		return fmt.Errorf("errno: %w", err)
	}
	return nil
}

func (s *Site) check() error {
	if !fs.ValidPath(s.File) {
		return fmt.Errorf(".file: %.60q is not a file of the book", s.File)
	}
	if s.Line < 1 {
		return fmt.Errorf(".line: %d", s.Line)
	}
	return nil
}

func (m *Mark) check(t *Track, length int64) error {
	switch {
	case m.Lane < 0 || m.Lane >= len(t.Lanes) || m.Task < 0 || m.Task > len(t.Lanes):
		return fmt.Errorf("lane: %d, and task %d, of %d lanes", m.Lane, m.Task, len(t.Lanes))
	case m.Site < -1 || m.Site >= len(t.Sites):
		return fmt.Errorf("site: %d of %d", m.Site, len(t.Sites))
	case m.At < 0 || m.Took < 0 || m.At > length || m.Took > length-m.At:
		return fmt.Errorf("at: %d ns for %d, which is not within %d", m.At, m.Took, length)
	case m.Count < 1 || m.Count > maxNumber || abs(m.FD) > math.MaxInt32 || abs(m.Result) > maxNumber:
		return fmt.Errorf("count: %d, descriptor %d, result %d", m.Count, m.FD, m.Result)
	}
	return nil
}

func abs(n int) int { return max(n, -n) }

// Check returns an error for content that no lab can have written.
func (m *Matrix) Check() error {
	err := errors.Join(texts(m), sources(m.Sources))
	if len(m.Grids) > 10 || len(m.Requests) > 100 {
		return fmt.Errorf("%d grids and %d requests", len(m.Grids), len(m.Requests))
	}
	for _, g := range m.Grids {
		if len(g.Apps) > 100 || len(g.Servers) > 100 || len(g.Cells) != len(g.Apps) {
			return fmt.Errorf("%d rows of cells for %d applications on %d servers", len(g.Cells), len(g.Apps), len(g.Servers))
		}
		for _, row := range g.Cells {
			if len(row) != len(g.Servers) {
				return fmt.Errorf("%d cells for %d servers", len(row), len(g.Servers))
			}
			for _, c := range row {
				err = errors.Join(err, numbers(c.MS, float64(c.Bridges)))
			}
		}
	}
	return err
}

// sources checks the recorded files and their hashes.
func sources(sums map[string]string) error {
	if len(sums) > maxSources {
		return fmt.Errorf("sources: %d, want at most %d", len(sums), maxSources)
	}
	for file := range sums {
		if !fs.ValidPath(file) {
			return fmt.Errorf("sources, a key: %.60q is not a file of the book", file)
		}
	}
	return nil
}

// numbers refuses negative numbers and impossibly large ones.
func numbers(all ...float64) error {
	for _, n := range all {
		if !(0 <= n && n <= maxNumber) {
			return fmt.Errorf("the number %g is not within 0 and %g", n, float64(maxNumber))
		}
	}
	return nil
}
