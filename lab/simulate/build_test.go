package simulate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const script = `backend 127.0.0.1:8081 20000000
client slow 127.0.0.1:8080 0
send "GET / HTTP/1.1\r\nHo"
pause 1000000000
send "st: x\r\n\r\n"
receive 1
client fast 127.0.0.1:8080 1000000
send "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
receive 1
client asks 127.0.0.1:8080 2000000
send "GET /ask?1 HTTP/1.1\r\nHost: x\r\n\r\n"
receive 1
`

func TestBuild(t *testing.T) {
	root, _ := filepath.Abs("../..")
	for _, folder := range []string{"blocking", "blocking/threads", "nonblocking", "select", "epoll", "callbacks", "coroutines", "asyncawait"} {
		file := filepath.Join(t.TempDir(), "server.wasm")
		if err := Build(t.Context(), root, "runnable/"+folder, file); err != nil {
			t.Error(err)
			continue
		}
		code, _ := os.ReadFile(file)
		p, err := Load(t.Context(), code)
		if err != nil {
			t.Fatal(err)
		}
		i, err := p.Start(t.Context(), script, "-addr", "127.0.0.1:8080", "-backend", "127.0.0.1:8081")
		if err != nil {
			t.Fatal(err)
		}
		var log strings.Builder
		steps := 0
		for ; steps < 500; steps++ {
			next := i.Next()
			if next == "" {
				break
			}
			said, err := i.Take(next)
			if err != nil {
				t.Error(err)
				break
			}
			log.WriteString(next + " " + said + "\n")
		}
		t.Logf("%s: %d bytes, %d steps\n%s%s\n%s%v", folder, len(code), steps, log.String()[:min(log.Len(), 6000)], i.Clients(), i.Output(), i.Ended)
		p.Close(t.Context())
	}
}
