package chapters

import (
	"strings"
	"testing"
)

const goodOpening = "```opening\nlab: a\nservers: [blocking, select]\nsay: Watch.\ngroups:\n  - {name: fast, say: twenty}\n" +
	"stop: 420ms\nask: When?\nchoices:\n  - {say: Soon, at: 500ms}\n  - {say: Never}\nwhy: It waits.\nsigns: {blocked: waits}\n```\n"

func TestOpening(t *testing.T) {
	const lab = "## Runs\n\n```lab\nname: a\ntitle: A\nscenario: one-slow\nservers: [blocking, threads, select]\n```\n"
	for name, c := range map[string]struct{ from, to, want string }{
		"as it should be": {"", "", ""},
		"no such run":     {"lab: a", "lab: b", `content/index.md:6: opening: no lab has the name "b"`},
		"another server":  {"select", "epoll", `content/index.md:6: opening: lab "a" does not run "epoll"`},
		"three servers":   {"[blocking", "[threads, blocking", "content/index.md:8: opening: 3 servers; it shows two"},
		"no group":        {":\n  - {name: fast, say: twenty}", ": []", "content/index.md:10: opening: no group of clients"},
		"one choice":      {"  - {say: Never}\n", "", "content/index.md:14: opening: 1 choices"},
		"no question":     {"ask: When?\n", "", `content/index.md:6: opening: the key "ask" is missing`},
		"no duration":     {"420ms", "soon", "content/index.md:12: "},
	} {
		t.Run(name, func(t *testing.T) {
			book, err := Load(fixture(map[string]string{
				"content/index.md":     front + strings.Replace(goodOpening, c.from, c.to, 1),
				"content/one/index.md": front + lab,
			}))
			if c.want == "" {
				if o := book.Opening(); err != nil || o == nil || o.Stop.Milliseconds() != 420 || o.Choices[1].At != 0 {
					t.Errorf("%+v, %v; want one that stops after 420 ms, and no problem", o, err)
				}
			} else if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v; want %s", err, c.want)
			}
		})
	}
	_, err := Load(fixture(map[string]string{"content/one/index.md": front + lab + "\n" + goodOpening}))
	if err == nil || !strings.Contains(err.Error(), "opening: it belongs on the first page") {
		t.Errorf("in a chapter: %v", err)
	}
}
