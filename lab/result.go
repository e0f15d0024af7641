package lab

import (
	"context"
	"strings"
	"time"

	"era/catalogue"
	"era/lab/process"
	"era/lab/recording"
	"era/lab/timeline"
)

// record stops the servers and sums up.
func (l *Lab) record(ctx context.Context, x *experiment) (*recording.Recording, error) {
	r := &recording.Recording{
		Result: recording.Result{
			Scenario: x.Scenario.Name, Settings: x.Scenario.Texts(x.Settings), Seed: x.Seed, Traffic: x.script.SHA256(),
		},
		Length: x.end - x.zero, Made: time.Now().Format(time.DateOnly), Sources: map[string]string{},
	}
	var programs []process.Program
	var used time.Duration // by all servers
	for i, s := range x.sides {
		programs = append(programs, s.program)
		s.tally.inPieces = x.Scenario.InPieces
		server := s.result(x.Servers[i])
		track, gone := timeline.Compact(s.timeline.Track(), marksOf(s.timeline.Track()))
		server.Events.Kept -= gone
		server.Events.Dropped += gone
		used += s.usage.CPU
		r.Result.Servers = append(r.Result.Servers, server)
		r.Tracks = append(r.Tracks, track)
	}
	r.Result.Load = x.before.during(used)
	r.Machine = machine(ctx, programs)
	return r, nil
}

// marksOf returns how many marks a recording has room for: as many as readers look at one by one.
func marksOf(t recording.Track) int {
	if len(t.Lanes) > manyLanes {
		return maxMarks / 2
	}
	return maxMarks
}

// result stops the server and sums up what it did.
func (s *side) result(v catalogue.Variant) recording.Server {
	exit := cut(s.exit()) // before it is stopped: what it prints afterwards is our doing
	counts := s.counts()
	dropped := s.dropped() // after counts, which may find that they are not believable
	seen := s.observations(counts)
	s.stop()
	r := recording.Server{
		ID: v.Server.ID, Language: string(v.Language), ReadyMS: toMS(int64(s.process.ReadyIn)),
		PerGroup: map[string]recording.Group{}, ThreadsMax: max(s.threads, s.timeline.Threads()),
		RSSKBStart: s.rssKBStart, RSSKBMax: s.rssKB, CPUMS: toMS(int64(s.usage.CPU)),
		Syscalls: map[string]int64{}, Again: s.timeline.Again(), Traced: s.traced(), Exit: exit,
		Told: s.ending(), Observed: seen, Elsewhere: s.elsewhere() + seen.Backend.Foreign + seen.Backend.Over,
		Events: recording.Events{Kept: s.kept(), Dropped: dropped},
	}
	var all []*group
	for name, g := range s.tally.groups {
		if sum := s.tally.of(g); sum.Requests != (recording.Requests{}) { // members that only listen ask nothing
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
	for _, call := range s.inCall { // entered, and not returned when the experiment ended
		r.Syscalls[call.Kind.String()]++
	}
	return r
}

// cut keeps the beginning of a server's last words, which may be of any length.
func cut(text string) string {
	const most = 2000
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// traced returns how calls were traced, as Program.Traced does.
func (s *side) traced() recording.Traced {
	switch {
	case s.doubt != "":
		return recording.Traced{Why: "its trace is not believable, as " + s.doubt}
	case s.reader != nil && s.reader.Broken():
		return recording.Traced{Why: "it cut its trace short, and what came after that is not known"}
	}
	return s.program.Traced
}
