package chapters

import (
	"strings"
	"testing"
)

func TestSteps(t *testing.T) {
	const text = front + "## First\n\n```steps\nname: first\ntitle: T\nserver: one\nscenario: s\nstops:\n" +
		"  - take: t1 c1\n    call: socket() = 3\n    say: A *socket*.\n  - take: a3\n    call: \"FIN: x\"\n    say: |\n      It ends.\n```\n"
	book, err := Load(fixture(map[string]string{"content/one/index.md": text}))
	if err != nil {
		t.Fatal(err)
	}
	s := book.Steps()[0]
	if taken := strings.Join(s.Taken(), " "); taken != "t1 c1 a3" || s.Key() != "one/steps-first" || len(s.Stops) != 2 {
		t.Errorf("%q %q %+v", taken, s.Key(), s.Stops)
	}
	if stop := s.Stops[1]; stop.Call != "FIN: x" || stop.Line != 17 || stop.Say.Plain() != "It ends." {
		t.Errorf("%+v %q", stop, stop.Say.Plain())
	}
	for _, x := range []struct{ was, is, want string }{
		{"    say: A *socket*.\n", "", "content/one/index.md:14: steps: stop 1 needs take, call and say"},
		{"server: one\n", "", `content/one/index.md:8: steps: the key "server" is missing`},
		{"take: a3", "take: a3\n    on: x", `unknown key "on"`},
		{"## First\n\n", "", "a heading (##) must stand before it"},
	} {
		_, err := Load(fixture(map[string]string{"content/one/index.md": strings.Replace(text, x.was, x.is, 1)}))
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%q for %q: %v; want %s", x.is, x.was, err, x.want)
		}
	}
	_, err = Load(fixture(map[string]string{"content/one/index.md": text, "content/two/index.md": text}))
	if err == nil || !strings.Contains(err.Error(), `the name "first" is taken by content/one/index.md:8`) {
		t.Errorf("two of one name: %v", err)
	}
}
