//go:build linux || darwin

package bridge

import (
	"os/exec"
	"strings"
	"testing"

	"era/check/servertest"
)

// bridged are the versions that the book names in its table of forty requests.
const bridged = "uvicorn 0.17.6, asgiref 3.6.0, starlette 0.26.1"

// TestBridgesOfOthers: checks the book's figures: on how many threads third-party bridges run an application, and which
// of them let it run ahead of a client that does not read. Other versions are logged.
func TestBridgesOfOthers(t *testing.T) {
	python, version := servertest.Python("uvicorn", "asgiref", "starlette")
	if python == "" {
		alone, _ := servertest.Python("uvicorn")
		servertest.Missing(t, alone == "", "uvicorn with asgiref and starlette")
	}
	out, err := exec.Command(python, "testdata/pools.py").CombinedOutput()
	const want = "asgiref 1 1\nuvicorn 10 400\nstarlette 40\n"
	switch {
	case version != bridged:
		t.Logf("%s, %v:\n%s", version, err, out)
	case err != nil || string(out) != want:
		t.Errorf("%v, threads and pieces ahead:\n%s\nthe book says:\n%s", err, out, want)
	}
}

// TestTornTicket: an application of one contract on a server of the other fails with the error at the beginning of the
// chapter.
func TestTornTicket(t *testing.T) {
	for _, x := range []struct{ modules, program, want string }{
		{"uvicorn flask", `import asyncio, flask, uvicorn
config = uvicorn.Config(flask.Flask("shop"), lifespan="off", log_config=None)
config.load()
asyncio.run(config.loaded_app({"type": "http"}, None, None))`,
			"TypeError: Flask.__call__() missing 1 required positional argument: 'start_response'"},
		{"starlette", `import starlette.applications
starlette.applications.Starlette()({}, print)`,
			"TypeError: Starlette.__call__() missing 1 required positional argument: 'send'"},
	} {
		t.Run(x.modules, func(t *testing.T) {
			python, _ := servertest.Python(strings.Fields(x.modules)...)
			if python == "" {
				servertest.Missing(t, true, x.modules)
			}
			out, err := exec.Command(python, "-c", x.program).CombinedOutput()
			if err == nil || !strings.HasSuffix(strings.TrimSpace(string(out)), x.want) {
				t.Errorf("%v, %s\nwant %s", err, out, x.want)
			}
		})
	}
}
