package chapters

import "testing"

func TestCited(t *testing.T) {
	const asgi = "https://asgi.readthedocs.io/en/latest/specs/"
	for source, want := range map[string]string{
		"select(2), BUGS; accept(2), NOTES": "[select(2)](https://man7.org/linux/man-pages/man2/select.2.html), BUGS; " +
			"[accept(2)](https://man7.org/linux/man-pages/man2/accept.2.html), NOTES",
		"kqueue(2), udp(7)": "[kqueue(2)](https://man.freebsd.org/cgi/man.cgi?query=kqueue&sektion=2), " +
			"[udp(7)](https://man7.org/linux/man-pages/man7/udp.7.html)",
		"PEP 342; PEP 3333, The start_response() Callable": "[PEP 342](https://peps.python.org/pep-0342/); " +
			"[PEP 3333](https://peps.python.org/pep-3333/), The start_response() Callable",
		"RFC 9112, section 9.3.2": "[RFC 9112](https://www.rfc-editor.org/info/rfc9112), section 9.3.2",
		"CPython, Lib/asyncio/timeouts.py, tasks.py": "[CPython, Lib/asyncio/timeouts.py](" +
			"https://github.com/python/cpython/blob/main/Lib/asyncio/timeouts.py), tasks.py",
		"ASGI specification 3.0, Applications": "[ASGI specification 3.0](" + asgi + "main.html), Applications",
		"ASGI, Lifespan 2.0; our tests":        "[ASGI, Lifespan 2.0](" + asgi + "lifespan.html); our tests",
		"Python documentation, asyncio.wait_for; seen in a run": "[Python documentation, asyncio.wait_for](" +
			"https://docs.python.org/3/library/asyncio-task.html); seen in a run",
		"golang.org/x/sync/errgroup":                "[golang.org/x/sync/errgroup](https://pkg.go.dev/golang.org/x/sync/errgroup)",
		"[select(2)](https://example.org), PEP 342": "[select(2)](https://example.org), PEP 342",
		"seen in a run on Linux":                    "seen in a run on Linux",
	} {
		if got := cited(words{text: source}).text; got != want {
			t.Errorf("%s:\n%s\nwant\n%s", source, got, want)
		}
	}
}
