//go:build linux || darwin

package bridge

import (
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"era/runnable/kit/asgi"
	"era/runnable/kit/wsgi"
	wsgibridge "era/runnable/kit/wsgi/bridge"
)

// TestC6_16: a WSGI application runs on every ASGI server, and its environ matches the scope.
func TestC6_16(t *testing.T) {
	for name, serve := range servers {
		t.Run(name, func(t *testing.T) {
			var closed atomic.Int32
			url := serve(t, func(e asgi.Engine) asgi.App {
				return FromWSGI(e, func(environ wsgi.Environ, startResponse wsgi.StartResponse) iter.Seq[[]byte] {
					switch environ.Text("PATH_INFO") {
					case "/fails":
						startResponse("200 OK", nil)
						panic("before the first chunk")
					case "/excuse":
						startResponse("200 OK", nil)
						startResponse("503 Service Unavailable", []wsgi.Header{{"Retry-After", "1"}}, fmt.Errorf("the database is down"))
						return wsgi.One([]byte("later"))
					}
					body, err := io.ReadAll(environ["wsgi.input"].(io.Reader))
					startResponse("201 Created, and a reason", []wsgi.Header{{"X-A", "1"}, {"X-A", "2"}})
					return func(yield func([]byte) bool) {
						defer closed.Add(1)
						for _, name := range []string{"REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "CONTENT_TYPE",
							"CONTENT_LENGTH", "SERVER_PROTOCOL", "HTTP_X_B", "REMOTE_ADDR", "SERVER_NAME"} {
							if !yield([]byte{}) || !yield([]byte(name+"="+environ.Text(name)+"\n")) {
								return
							}
						}
						yield(fmt.Appendf(nil, "%s %v %v", body, err, environ["wsgi.url_scheme"]))
					}
				})
			})
			r, err := http.NewRequest("PUT", url+"/a%20b?c=%20", strings.NewReader("body"))
			if err != nil {
				t.Fatal(err)
			}
			r.Header["X-B"] = []string{"1", "2"}
			r.Header.Set("Content-Type", "text/x")
			reply, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer reply.Body.Close()
			text, err := io.ReadAll(reply.Body)
			want := "REQUEST_METHOD=PUT\nSCRIPT_NAME=\nPATH_INFO=/a b\nQUERY_STRING=c=%20\nCONTENT_TYPE=text/x\nCONTENT_LENGTH=4\nSERVER_PROTOCOL=HTTP/1.1\n" +
				"HTTP_X_B=1, 2\nREMOTE_ADDR=127.0.0.1\nSERVER_NAME=127.0.0.1\nbody <nil> http"
			if reply.StatusCode != 201 || fmt.Sprint(reply.Header["X-A"]) != "[1 2]" || string(text) != want || err != nil ||
				closed.Load() != 1 {
				t.Errorf("%s %v, %v, closed %d\n%s", reply.Status, reply.Header, err, closed.Load(), text)
			}
			if got := ask(t, url, "GET", "/fails", ""); !strings.HasPrefix(got, "500 ") {
				t.Errorf("got %q, want a status of 500", got)
			}
			if got := ask(t, url, "GET", "/excuse", ""); !strings.HasPrefix(got, "503 ") || !strings.Contains(got, "later") {
				t.Errorf("got %q, want a status of 503 and the word later", got)
			}
		})
	}
}

// TestThreeContracts: a site for net/http, made a WSGI application and then an ASGI application, answers as it does
// directly.
func TestThreeContracts(t *testing.T) {
	for name, serve := range servers {
		t.Run(name, func(t *testing.T) {
			url := serve(t, func(e asgi.Engine) asgi.App { return FromWSGI(e, wsgibridge.App(site())) })
			direct := serve(t, func(e asgi.Engine) asgi.App { return FromHandler(e, site()) })
			for _, target := range []string{"/hello/you?q=1", "/stream", "/nothing", "/moved", "/nowhere"} {
				if got, want := ask(t, url, "GET", target, ""), ask(t, direct, "GET", target, ""); got != want {
					t.Errorf("%s:\n got %s\nwant %s", target, got, want)
				}
			}
		})
	}
}

// TestThreads: while all threads wait, further requests wait and none is lost; the loop continues to run.
func TestThreads(t *testing.T) {
	const requests = 40
	var inside, most atomic.Int32
	goOn := make(chan bool)
	url := servers["loop"](t, func(e asgi.Engine) asgi.App {
		blocking := FromWSGI(e, func(environ wsgi.Environ, startResponse wsgi.StartResponse) iter.Seq[[]byte] {
			n := inside.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			<-goOn
			inside.Add(-1)
			startResponse("200 OK", nil)
			return wsgi.One([]byte("done"))
		})
		return func(scope asgi.Scope, receive asgi.Receive, send asgi.Send) error {
			if scope.Path == "/quick" {
				send(asgi.Event{Type: asgi.ResponseStart, Status: 200})
				return send(asgi.Event{Type: asgi.ResponseBody, Body: []byte("quick")})
			}
			return blocking(scope, receive, send)
		}
	})
	results := make(chan string, requests)
	for range requests {
		go func() {
			reply, err := http.Get(url + "/blocks")
			if err != nil {
				results <- err.Error()
				return
			}
			defer reply.Body.Close()
			text, _ := io.ReadAll(reply.Body)
			results <- string(text)
		}()
	}
	for range 3 {
		if got := ask(t, url, "GET", "/quick", ""); !strings.Contains(got, "quick") {
			t.Errorf("got %q, want quick in it", got)
		}
	}
	close(goOn)
	for range requests {
		if got, want := <-results, "done"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if n := most.Load(); n > 32 {
		t.Errorf("%d at a time", n)
	}
}
