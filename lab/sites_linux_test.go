package lab

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"era/check/servertest"
	"era/lab/process"
	"era/lab/recording"
	"era/runnable/kit/trace"
)

// Two files of the same name, in folders of the same name, are distinguished in C and in Python. The repository lies in
// a folder that is called runnable as well.
func TestFilesOfTheSameName(t *testing.T) {
	cc, python := servertest.Need(t, "cc"), servertest.Need(t, "python3")
	preload, err := process.NewBuilder("..", "").Preload(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(t.TempDir(), "runnable")
	for name, text := range map[string]string{
		"one/app.c": "#include \"../kit/one/app.c\"\n" +
			"int main(void) { other(); int fd = socket(AF_INET, SOCK_STREAM, 0); return fd < 0; }\n",
		"kit/one/app.c": "#include <sys/socket.h>\n\n" +
			"__attribute__((noinline)) static void other(void) { socket(AF_INET, SOCK_STREAM, 0); }\n",
		"one/app.py": "import sys\nsys.path[:] = [p + '/../kit' for p in sys.path[:1]] + sys.path[1:]\n" +
			"import socket, one.app\nsocket.socket()\n",
		"kit/one/app.py": "import socket\n\n\n\n\nsocket.socket()\n",
	} {
		path := filepath.Join(root, "runnable", name)
		err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600))
		if err != nil {
			t.Fatal(err)
		}
	}
	compile := exec.Command(cc, "-g", "-ffile-prefix-map="+root+"=.", "-o", "app", "runnable/one/app.c")
	compile.Dir = root
	if out, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for want, argv := range map[[2]recording.Site][]string{
		{{File: "runnable/kit/one/app.c", Line: 3}, {File: "runnable/one/app.c", Line: 2}}:   {filepath.Join(root, "app")},
		{{File: "runnable/kit/one/app.py", Line: 6}, {File: "runnable/one/app.py", Line: 4}}: {python, "runnable/one/app.py"},
	} {
		path := filepath.Join(t.TempDir(), "trace")
		r, err := trace.Create(path, 1024)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		program := exec.Command(argv[0], argv[1:]...)
		program.Dir, program.Env = root, append(os.Environ(), trace.Env+"="+path, "LD_PRELOAD="+preload)
		if out, err := program.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", argv, err, out)
		}
		var got []recording.Site
		sites := newSites(filepath.Join(root, "app"))
		for e, ok := r.Next(); ok; e, ok = r.Next() {
			if site, ok := sites.locate(e.Site); ok && e.Kind == trace.Socket {
				got = append(got, site)
			}
		}
		if !slices.Equal(got, want[:]) {
			t.Errorf("%v: sockets were made at %v, want %v", argv, got, want)
		}
	}
}
