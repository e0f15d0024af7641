package lab

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"era/catalogue"
	"era/lab/picture"
	"era/lab/recording"
	"era/runnable/kit/trace"
)

// record stops the servers and sums up.
func (l *Lab) record(ctx context.Context, x *experiment) (*recording.Recording, error) {
	r := &recording.Recording{
		Result: recording.Result{
			Scenario: x.scenario.Name, Settings: x.scenario.Texts(x.Settings), Seed: x.Seed, Traffic: x.script.SHA256(),
		},
		Length: x.end - x.zero, Made: time.Now().Format(time.DateOnly), Sources: map[string]string{},
	}
	for i, s := range x.sides {
		s.tally.inPieces = x.scenario.InPieces
		server := s.result(x.Servers[i])
		track, gone := picture.Compact(s.picture.Track(), marksOf(s.picture.Track()))
		server.Events.Kept -= gone
		server.Events.Dropped += gone
		server.Verdict = verdict(x, s, server)
		r.Result.Servers = append(r.Result.Servers, server)
		r.Tracks = append(r.Tracks, track)
		if err := l.hashSources(x.Servers[i], r.Sources); err != nil {
			return nil, err
		}
	}
	r.Machine = machine(ctx, x.sides)
	return r, nil
}

// marksOf is how many marks a recording has room for: as many as one looks at one by one.
func marksOf(t recording.Track) int {
	if len(t.Lanes) > manyLanes {
		return maxMarks / 2
	}
	return maxMarks
}

// result stops the server and sums up what it did.
func (s *side) result(v catalogue.Variant) recording.Server {
	exit := cut(s.exit()) // before it is stopped: what it says afterwards is our doing
	counts := s.counts()
	dropped := s.dropped() // after counts: these may not be believed
	s.over = int(counts[trace.BufferHigh])
	foreign, over := s.backend.TurnedAway()
	s.stop()
	r := recording.Server{
		ID: v.Server.ID, Language: string(v.Language), ReadyMS: toMS(int64(s.process.ReadyIn)),
		PerGroup: map[string]recording.Group{}, ThreadsMax: max(s.threads, s.picture.Threads()),
		RSSKBStart: s.rssAtKB, RSSKBMax: s.rssKB, CPUMS: toMS(int64(s.usage.CPU)),
		Syscalls: map[string]int64{}, Again: s.picture.Again(), Traced: s.traced(), Unseen: unseen(s.program), Exit: exit, Told: s.ending(),
		Events: recording.Events{Kept: s.kept(), Dropped: dropped},
	}
	r.Elsewhere = s.elsewhere() + foreign + over
	var all []*group
	for name, g := range s.tally.groups {
		if sum := s.tally.of(g); sum.Requests != (recording.Requests{}) { // who only listens asks nothing
			r.PerGroup[name] = sum
		}
		all = append(all, g)
	}
	r.Group = s.tally.of(all...)
	for kind, n := range counts {
		if kind.IsCall() {
			r.Syscalls[kind.String()] = int64(n)
		}
	}
	for _, call := range s.inCall { // entered, and under way when the experiment ended
		r.Syscalls[call.Kind.String()]++
	}
	return r
}

// cut keeps the beginning of last words, which may be as long as a server likes.
func cut(text string) string {
	const most = 2000
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// counts are the calls that the server has counted, if they can be, and if what else it told can be. Else nothing that it told
// is left.
func (s *side) counts() map[trace.Kind]uint64 {
	if s.reader == nil {
		return nil
	}
	before := s.reader.Dropped()
	counts := s.reader.Counts()
	if s.doubt == "" && !s.reader.Broken() {
		s.doubt = s.miscounted(counts, [2]uint64{before, s.reader.Dropped()}, int64(trace.Now()))
	}
	if s.doubt == "" {
		return counts
	}
	s.picture.Disbelieve()
	s.inCall, s.gaps = nil, gaps{}
	return nil
}

// traced says how calls were seen, as Program.Traced does.
func (s *side) traced() string {
	switch {
	case s.doubt != "":
		return "no: its trace is not believable, as " + s.doubt
	case s.reader != nil && s.reader.Broken():
		return "no: it cut its trace short, and what came after that is not known"
	}
	return s.program.Traced
}

// hashSources notes what the server is made of.
func (l *Lab) hashSources(v catalogue.Variant, sums map[string]string) error {
	for _, name := range v.Server.Sources(v.Language) {
		data, err := os.ReadFile(filepath.Join(l.root, filepath.FromSlash(name)))
		if err != nil {
			return fmt.Errorf("sources of %s: %w", v, err)
		}
		sum := sha256.Sum256(data)
		sums[name] = hex.EncodeToString(sum[:])
	}
	return nil
}

// longest is the longest that one of the server's threads waited in one call for one descriptor, other than for a
// client to come.
func longest(t recording.Track) (longest recording.Mark, found bool) {
	for _, m := range t.Marks {
		if m.State == recording.Blocked && m.Call != "accept" && m.Took > longest.Took && t.Lanes[m.Lane].Kind == "thread" {
			longest, found = m, true
		}
	}
	return longest, found
}

// errnos counts the server's calls that failed, by error number, of the given ones.
func errnos(t recording.Track, names ...syscall.Errno) []string {
	var found []string
	for _, errno := range names {
		n := 0
		for _, m := range t.Marks {
			if m.Errno == picture.Errno(errno) && m.Call != "" && t.Lanes[m.Lane].Kind == "thread" {
				n += m.Count
			}
		}
		if n > 0 {
			found = append(found, fmt.Sprintf("%s %s", picture.Errno(errno), times(n)))
		}
	}
	return found
}

// languages of the experiment, each once.
func languages(sides []*side) []catalogue.Language {
	var all []catalogue.Language
	for _, s := range sides {
		if l := s.program.Variant.Language; !slices.Contains(all, l) {
			all = append(all, l)
		}
	}
	return all
}

// numbered cuts the version out of what a compiler says of itself: the first word that begins with a digit.
func numbered(line string) string {
	for _, word := range strings.Fields(line) {
		if word[0] >= '0' && word[0] <= '9' {
			return word
		}
	}
	return ""
}
