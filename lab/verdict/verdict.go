// Package verdict says in sentences what a server did in an experiment, from what was observed and nothing else.
// Sentences are made when a result is shown and are in no recording, so that a recording is not stale when a wording
// changes.
package verdict

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"era/catalogue"
	"era/lab/recording"
	"era/lab/scenario"
	"era/lab/words"
)

// Result is a result with its sentences, as pages and `serve lab -json` have it.
type Result struct {
	recording.Result
	Servers []Server `json:"servers"`
	Busy    string   `json:"busy,omitempty"` // what other programs did to the times, if much
}

// Server is the result of one server with its sentences.
type Server struct {
	recording.Server
	Name    string `json:"name"` // for people: "select · Python"
	Verdict string `json:"verdict"`
	Unseen  string `json:"unseen,omitempty"` // what its lanes cannot show
}

// On adds the sentences to a result.
func On(r recording.Result) Result {
	shown := Result{Result: r, Servers: []Server{}, Busy: Busy(r.Load)}
	for _, s := range r.Servers {
		hiddenTasks := s.Observed != nil && s.Observed.HiddenTasks
		shown.Servers = append(shown.Servers, Server{s, catalogue.Title(s.ID, s.Language), Of(r, s),
			Unseen(s.Traced, hiddenTasks)})
	}
	return shown
}

// Busy says that the machine was busy with other programs during an experiment; "" if it was not, or if that is not
// known.
func Busy(l *recording.Load) string {
	if !l.Busy() {
		return ""
	}
	return fmt.Sprintf("The machine was busy: meanwhile other programs used %.1f of its %s. Times may be longer than on a "+
		"quiet machine.", l.Others, words.Plural(l.Processors, "processor"))
}

// Of returns the verdict on one server of a result; "" when the recording does not have what was observed.
func Of(r recording.Result, s recording.Server) string {
	return Called(catalogue.Name(s.ID, s.Language), r, s)
}

// Called is Of with another name for the server: in a terminal it is called as it was typed.
func Called(name string, r recording.Result, s recording.Server) string {
	if s.Observed == nil {
		return ""
	}
	v := facts{Server: s, scenario: r.Scenario, name: name}
	var text []string
	say := func(sentence string) {
		if sentence == "" {
			return
		}
		if !strings.HasPrefix(sentence, v.name) { // the name of a server keeps its lower-case letter
			sentence = capital(sentence)
		}
		text = append(text, sentence+".")
	}
	if s.Exit != "" && s.Told == nil {
		say(v.ended())
		say(v.setIsFull())
	}
	if sc, err := scenario.Find(r.Scenario); err == nil {
		if v.settings, err = sc.Parse(r.Settings); err == nil { // otherwise the scenario has changed since
			v.texts = sc.Texts(v.settings)
			for _, sentence := range sentences[r.Scenario] {
				say(sentence(v))
			}
		}
	}
	say(v.incomplete())
	say(v.elsewhere())
	return strings.Join(text, " ")
}

// sentences holds those of each scenario, by its name. A sentence that has nothing to say is empty.
var sentences = map[string][]func(facts) string{
	"one-slow":          {facts.fastBesideSilent, facts.price},
	"slow-reader":       {facts.fastBesideStalledReader, facts.price},
	"crowd":             {facts.crowd, facts.price},
	"trickle":           {facts.trickling, facts.fastBesideTrickling, facts.reads, facts.price},
	"reset":             {facts.politeBesideResets, facts.resets, facts.price},
	"fd-setsize":        {facts.afterManyOpened, facts.price},
	"c10k":              {facts.keptAsking, facts.waitingOrPrice, facts.memoryEach},
	"cpu-hog":           {facts.fastBesideHog},
	"storm":             {facts.storm, facts.retried},
	"blocking-call":     {facts.fastBesideAsking, facts.askedAtOnce},
	"forgotten-await":   {facts.bodies, facts.lostAnswers},
	"edge-starvation":   {facts.politeBesideFlood, facts.flood},
	"slow-consumer":     {facts.consumed, facts.memory},
	"fan-out":           {facts.refused, facts.ranOn},
	"swallowed-timeout": {facts.refused, facts.askedAndHungUp},
	"slow-clients":      {facts.fastBesideSlow, facts.held, facts.slowAnswered, facts.price},
	"missing-close":     {facts.politeBesideLeavers, facts.leftOpen},
	"after-first-chunk": {facts.brokenOff, facts.wholeBesideBroken},
	"shutdown":          {facts.inFlight, facts.howItEnded, facts.newcomers},
	"echo":              {facts.echoed, facts.halfLine},
	"datagrams":         {facts.cameBack, facts.receivedAndSent},
	"mail":              {facts.delivered, facts.slowMail},
	"stream":            {facts.streamed, facts.fastMeanwhile},
	"upload":            {facts.uploaded, facts.quickMeanwhile, facts.memory},
	"websocket":         {facts.receivedByAll, facts.price},
	"buffering":         {facts.firstBytes},
	"stalled-reader":    {facts.ranAhead, facts.memory},
	"laggard":           {facts.talkersBesideLaggard, facts.laggard},
}

// Unseen says what the lanes of a server cannot show; "" when they show everything.
func Unseen(t recording.Traced, hiddenTasks bool) string {
	switch {
	case t.Why != "":
		return "Only its clients are seen. " + capital(t.Why) + "."
	case hiddenTasks:
		return "Its coroutines and tasks cannot be seen from outside, as Python runs them: only its calls are."
	}
	return ""
}

func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
