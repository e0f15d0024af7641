//go:build linux || darwin

package battery

import (
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"era/catalogue"
	"era/check/servertest"
)

// requests are one for each page that an entry of the catalogue may name, with what the reply must hold.
var requests = map[string]struct{ target, upload, want string }{
	"/":           {"/", "", "hello\n"},
	"/ask":        {"/ask?delay=5", "", "waited 5 ms"},
	"/burn":       {"/burn?ms=1", "", "burned 1 ms\n"},
	"/stream":     {"/stream?n=2&ms=1", "", "line 1 of 2\nline 2 of 2\n"},
	"/upload":     {"/upload", "abc", "3 bytes, sha256 ba7816bf"},
	"/rows?delay": {"/rows?delay=5&delay=5", "", "5 ms"},
	"/rows?n":     {"/rows?n=2&size=100", "", "waited"},
}

// TestPages: every server answers the pages that its entry names, so that the lab offers it for what it can do.
func TestPages(t *testing.T) {
	for _, s := range catalogue.Servers() {
		if s.Speaks != catalogue.HTTP {
			continue
		}
		for _, language := range s.Languages {
			v := catalogue.Variant{Server: s, Language: language}
			t.Run(v.String(), func(t *testing.T) {
				t.Parallel()
				running := start(t, v, servertest.Backend(t), manyFiles)
				defer func() { // one that is killed leaves its children
					if err := running.cmd.Process.Signal(syscall.SIGTERM); err != nil {
						t.Error(err)
					}
					<-running.ended
				}()
				client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
				for _, page := range s.Pages {
					r, known := requests[page]
					if !known {
						t.Errorf("there is no request for %q", page)
						continue
					}
					method, url := http.MethodGet, "http://"+running.addr+r.target
					if r.upload != "" {
						method = http.MethodPost
					}
					request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(r.upload))
					if err != nil {
						t.Fatal(err)
					}
					reply, err := client.Do(request)
					if err != nil {
						t.Errorf("%s: %v", r.target, err)
						continue
					}
					body, err := io.ReadAll(reply.Body)
					reply.Body.Close()
					right := s.Mistake != "" || strings.Contains(strings.ToLower(string(body)), r.want)
					if reply.StatusCode != http.StatusOK || err != nil || !right {
						t.Errorf("%s: %s, %.100q, %v", r.target, reply.Status, body, err)
					}
				}
			})
		}
	}
}
