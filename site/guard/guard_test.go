package guard

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// site is a guarded server on a real listener.
type site struct {
	*Guard
	addr, port string
	ran        int // requests that came through with the right to run
	keys       []string
	log        bytes.Buffer
}

func newSite(t *testing.T, addr string, lan bool) *site {
	t.Helper()
	l, err := Listen(addr, lan)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{addr: l.Addr().String()}
	_, s.port, _ = net.SplitHostPort(s.addr)
	s.Guard, err = New(l, Options{
		LAN: lan, NewKey: func(url string) { s.keys = append(s.keys, url) },
		Log: slog.New(slog.NewTextHandler(&s.log, &slog.HandlerOptions{ReplaceAttr: Redact})),
	})
	if err != nil {
		t.Fatal(err)
	}
	server, crowd := s.Server(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.MayRun(r) {
			s.ran++
		}
		fmt.Fprintln(w, "page")
	}))
	go server.Serve(crowd)
	t.Cleanup(func() { server.Close() })
	return s
}

// send writes the request as it is, with PORT replaced, and returns the reply's status, headers and body.
func (s *site) send(t *testing.T, to, request string) (*http.Response, string) {
	t.Helper()
	c, err := net.Dial("tcp", to)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	request = strings.ReplaceAll(strings.ReplaceAll(request, "PORT", s.port), "\n", "\r\n")
	if _, err := io.WriteString(c, request+"\r\n"); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("%.200q: %v", request, err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

// post asks as a page does, or with other headers.
func (s *site) post(t *testing.T, what, body, headers string) (*http.Response, string) {
	t.Helper()
	return s.send(t, "127.0.0.1:"+s.port, fmt.Sprintf("POST /lab/%s HTTP/1.1\nHost: 127.0.0.1:PORT\nContent-Length: %d\n%s\n", what, len(body),
		headers)+body)
}

func (s *site) enter(t *testing.T, key, headers string) *http.Response {
	t.Helper()
	r, _ := s.post(t, "enter", `{"key":"`+key+`"}`, headers)
	return r
}

const asPage = "Content-Type: application/json\nX-Era: 1\nOrigin: http://127.0.0.1:PORT\nSec-Fetch-Site: same-origin\n"

// token trades the key for the token of a right.
func (s *site) token(t *testing.T) string {
	t.Helper()
	_, key, _ := strings.Cut(s.URL(), "#key=")
	r, body := s.post(t, "enter", `{"key":"`+key+`"}`, asPage)
	if r.StatusCode != http.StatusOK {
		t.Fatalf("enter: %s", r.Status)
	}
	return decode[given](t, body).Token
}

func decode[T any](t *testing.T, body string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("%q: %v", body, err)
	}
	return v
}

// T1: DNS rebinding.
func TestHost(t *testing.T) {
	s := newSite(t, "127.0.0.1:0", false)
	for _, c := range []struct {
		request string
		status  int
	}{
		{"GET / HTTP/1.1\nHost: 127.0.0.1:PORT\n", 200},
		{"GET / HTTP/1.1\nHost: localhost:PORT\n", 200},
		{"GET / HTTP/1.1\nHost: [::1]:PORT\n", 200},
		{"GET / HTTP/1.1\nHost: evil.test\n", 421},
		{"GET / HTTP/1.1\nHost: evil.test:PORT\n", 421},
		{"GET / HTTP/1.1\nHost: 127.0.0.1.nip.io:PORT\n", 421},
		{"GET / HTTP/1.1\nHost: localhost.:PORT\n", 421},
		{"GET / HTTP/1.1\nHost: LOCALHOST:PORT\n", 421},
		{"GET / HTTP/1.1\nHost: a.localhost:PORT\n", 421},
		{"GET / HTTP/1.1\nHost: 127.0.0.2:PORT\n", 421},
		{"GET / HTTP/1.1\nHost: 0.0.0.0:PORT\n", 421},
		{"GET / HTTP/1.1\nHost: localhost\n", 421},
		{"GET / HTTP/1.1\nHost: localhost:1\n", 421},
		{"GET / HTTP/1.1\nHost:\n", 421},
		{"GET / HTTP/1.0\n", 421},
		{"GET / HTTP/1.1\n", 400},
		{"GET / HTTP/1.1\nHost: localhost:PORT\nHost: evil.test\n", 400},
		{"GET / HTTP/1.1\nHost: evil.test\nX-Forwarded-Host: localhost:PORT\n", 421},
		{"GET http://localhost:PORT/ HTTP/1.1\nHost: evil.test\n", 421},
		{"GET http://evil.test/ HTTP/1.1\nHost: localhost:PORT\n", 421},
		{"POST /lab/enter HTTP/1.1\nHost: evil.test:PORT\nContent-Length: 0\n", 421},
		{"GET /lab/live HTTP/1.1\nHost: evil.test:PORT\nOrigin: http://evil.test:PORT\nConnection: Upgrade\nUpgrade: websocket\n", 421},
	} {
		if r, _ := s.send(t, s.addr, c.request); r.StatusCode != c.status {
			t.Errorf("%q: %s, want %d", c.request, r.Status, c.status)
		}
	}
}

// T2: requests of other pages. None of them is allowed even if it carries the right.
func TestForeignPages(t *testing.T) {
	s := newSite(t, "127.0.0.1:0", false)
	token := s.token(t)
	head := "Host: 127.0.0.1:PORT\nX-Era-Right: " + token + "\nSec-WebSocket-Protocol: era, right." + token + "\n"
	upgrade := "GET /lab/live HTTP/1.1\n" + head + "Connection: Upgrade\nUpgrade: websocket\n"
	for _, c := range []struct {
		request string
		status  int
	}{
		{upgrade + "Origin: http://evil.test\n", 403},
		{upgrade + "Origin: http://localhost:PORT\n", 403}, // another origin than the one that was asked
		{upgrade + "Origin: http://127.0.0.1:1\n", 403},
		{upgrade + "Origin: https://127.0.0.1:PORT\n", 403},
		{upgrade + "Origin: null\n", 403},
		{upgrade, 403},
		{upgrade + "Origin: http://127.0.0.1:PORT\nOrigin: http://evil.test\n", 403},
		{upgrade + "Origin: http://127.0.0.1:PORT\nSec-Fetch-Site: same-site\n", 403},
		{"POST / HTTP/1.1\n" + head + "Content-Length: 0\nOrigin: http://evil.test\n", 403},
		{"POST / HTTP/1.1\n" + head + "Content-Length: 0\nOrigin: null\n", 403},
		{"POST / HTTP/1.1\n" + head + "Content-Length: 0\nSec-Fetch-Site: same-site\n", 403},
		{"GET / HTTP/1.1\n" + head + "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: no-cors\nSec-Fetch-Dest: script\n", 403},
		{"GET / HTTP/1.1\n" + head + "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: no-cors\nSec-Fetch-Dest: image\n", 403},
		{"GET / HTTP/1.1\n" + head + "Sec-Fetch-Site: same-site\nSec-Fetch-Mode: cors\nSec-Fetch-Dest: empty\n", 403},
		{"GET / HTTP/1.1\n" + head + "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate\nSec-Fetch-Dest: iframe\n", 403},
		{"GET /lab/one-slow.html HTTP/1.1\n" + head + "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: no-cors\nSec-Fetch-Dest: script\n", 403},
		{"GET /lab/../index.html HTTP/1.1\n" + head + "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate\nSec-Fetch-Dest: iframe\n", 403},
	} {
		if r, _ := s.send(t, s.addr, c.request); r.StatusCode != c.status {
			t.Errorf("%q: %s, want %d", c.request, r.Status, c.status)
		}
	}
	if s.ran != 0 {
		t.Errorf("%d foreign requests came through", s.ran)
	}
	for _, own := range []string{
		upgrade + "Origin: http://127.0.0.1:PORT\n",
		upgrade + "Origin: http://127.0.0.1:PORT\nSec-Fetch-Site: same-origin\n",
		"GET / HTTP/1.1\n" + head + "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate\nSec-Fetch-Dest: document\n", // a link
		"GET /lab/one-slow.html HTTP/1.1\nHost: 127.0.0.1:PORT\nSec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate\nSec-Fetch-Dest: iframe\n",
	} {
		if r, _ := s.send(t, s.addr, own); r.StatusCode != 200 {
			t.Errorf("%q: %s", own, r.Status)
		}
	}
}

// T3, T4: the key, the right, and requests with neither.
func TestKey(t *testing.T) {
	s := newSite(t, "127.0.0.1:0", false)
	_, key, _ := strings.Cut(s.URL(), "#key=")
	if len(key) < 26 {
		t.Errorf("key of %d letters", len(key))
	}
	if r, body := s.send(t, s.addr, "GET / HTTP/1.1\nHost: 127.0.0.1:PORT\n"); r.StatusCode != 200 ||
		strings.Contains(body, key) {
		t.Errorf("a reader without a key: %s", r.Status)
	}
	upgrade := "GET /lab/live HTTP/1.1\nHost: 127.0.0.1:PORT\nOrigin: http://127.0.0.1:PORT\nConnection: Upgrade\nUpgrade: websocket\n"
	for _, more := range []string{"", "Sec-WebSocket-Protocol: era\n", "Sec-WebSocket-Protocol: era, right.\n",
		"Sec-WebSocket-Protocol: era, right." + key + "\n"} {
		if r, _ := s.send(t, s.addr, upgrade+more); r.StatusCode != 401 {
			t.Errorf("upgrade with %q: %s", more, r.Status)
		}
	}
	for _, more := range []string{
		"Content-Type: text/plain\nX-Era: 1\n",
		"Content-Type: application/x-www-form-urlencoded\nX-Era: 1\n",
		"Content-Type: application/json\n",
		strings.Replace(asPage, "http://127.0.0.1:PORT", "null", 1),
		strings.Replace(asPage, "same-origin", "same-site", 1),
	} {
		if r := s.enter(t, key, more); r.StatusCode < 400 {
			t.Errorf("enter with %q: %s", more, r.Status)
		}
	}
	if r, _ := s.send(t, s.addr, "GET /lab/enter HTTP/1.1\nHost: 127.0.0.1:PORT\n"); r.StatusCode != 405 {
		t.Errorf("GET /lab/enter: %s", r.Status)
	}
	r, body := s.post(t, "enter", `{"key":"`+key+`"}`, asPage)
	token := decode[given](t, body).Token
	if r.StatusCode != 200 || len(token) < 26 || r.Header.Get("Cache-Control") != "no-store" ||
		r.Header.Get("Set-Cookie") != "" {
		t.Fatalf("enter: %s %v", r.Status, r.Header)
	}
	if r, _ := s.send(t, s.addr, upgrade+"Sec-WebSocket-Protocol: era, right."+token+"\n"); r.StatusCode != 200 ||
		s.ran != 1 {
		t.Errorf("upgrade with the right: %s", r.Status)
	}
	if r, _ := s.send(t, s.addr, upgrade+"Cookie: run_PORT="+token+"; right="+token+"\n"); r.StatusCode != 401 {
		t.Errorf("upgrade with the right in a cookie: %s, want 401", r.Status)
	}
	if r := s.enter(t, key, asPage); r.StatusCode != 403 {
		t.Errorf("second use of the key: %s", r.Status)
	}
	if len(s.keys) != 1 || s.keys[0] != s.URL() || strings.Contains(s.URL(), key) {
		t.Errorf("next key: told %q, is %q", s.keys, s.URL())
	}
	if log := s.log.String(); strings.Contains(log, key) || strings.Contains(log, token) {
		t.Errorf("secret in the log:\n%s", log)
	}
}

func TestGuessing(t *testing.T) {
	s := newSite(t, "127.0.0.1:0", false)
	counts := map[int]int{}
	for i := range 1000 {
		_, err := s.rights.enter(fmt.Sprint(i), "", "", "")
		switch err {
		case errWrongKey:
			counts[403]++
		case errTooFast:
			counts[429]++
		default:
			t.Fatal(err)
		}
	}
	if counts[429] < 900 {
		t.Errorf("guesses by outcome: %v", counts)
	}
	if r := s.enter(t, "x", asPage); r.StatusCode != 429 || r.Header.Get("Retry-After") == "" {
		t.Errorf("one more: %s", r.Status)
	}
}

func TestHeaders(t *testing.T) {
	s := newSite(t, "127.0.0.1:0", false)
	for _, request := range []string{"GET / HTTP/1.1\nHost: localhost:PORT\n", "GET / HTTP/1.1\nHost: evil.test\n"} {
		r, _ := s.send(t, s.addr, request)
		for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy",
			"Cross-Origin-Resource-Policy", "Cross-Origin-Opener-Policy"} {
			if r.Header.Get(name) == "" {
				t.Errorf("%q: no %s", request, name)
			}
		}
		for name := range r.Header {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s: other origins may read us", name)
			}
		}
	}
}

// A page on which servers are stepped may compile WebAssembly, and nothing else that others may not.
func TestSteppingPolicy(t *testing.T) {
	if rest := strings.Replace(SteppingPolicy, " 'wasm-unsafe-eval'", "", 1); rest != Policy {
		t.Errorf("without 'wasm-unsafe-eval' the policy is\n%s, that of other pages\n%s", rest, Policy)
	}
	script, _, _ := strings.Cut(strings.SplitAfter(SteppingPolicy, "script-src ")[1], ";")
	if script != "'self' 'wasm-unsafe-eval'" {
		t.Errorf("scripts: %s", script)
	}
	for _, framed := range []bool{false, true} {
		h := http.Header{}
		secure(h, framed)
		before := h.Get("Content-Security-Policy")
		AllowStepping(h)
		if after := h.Get("Content-Security-Policy"); after == before ||
			strings.Replace(after, " 'wasm-unsafe-eval'", "", 1) != before {
			t.Errorf("framed %v: %q became %q", framed, before, after)
		}
	}
	h := http.Header{}
	AllowStepping(h)
	if len(h) > 0 {
		t.Errorf("without a policy: %v", h)
	}
}

// Only the pages that are made for it may be shown in a frame.
func TestFrames(t *testing.T) {
	s := newSite(t, "127.0.0.1:0", false)
	for path, may := range map[string]bool{"/": false, "/blocking.html": false, "/lab/live": false,
		"/lab/one-slow.html":  true,
		"/lab/one-slow.html/": false, "/lab/a/b.html": false, "/x/lab/one-slow.html": false} {
		r, _ := s.send(t, s.addr, "GET "+path+" HTTP/1.1\nHost: 127.0.0.1:PORT\n")
		none := strings.Contains(r.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'")
		if denied := r.Header.Get("X-Frame-Options") == "DENY"; none == may || denied == may {
			t.Errorf("%s may be framed: %v; frame-ancestors 'none': %v, X-Frame-Options: DENY: %v", path, may, none, denied)
		}
	}
}

// T4, T17: the names that are answered follow from where the server really listens.
func TestLAN(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:8492"} {
		if l, err := Listen(addr, false); err == nil || !strings.Contains(err.Error(), "-lan") {
			t.Errorf("%s without -lan: %v", addr, err)
			if l != nil {
				l.Close()
			}
		}
	}
	l, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := New(l, Options{}); err == nil {
		t.Error("guards a public listener without -lan")
	}
	s := newSite(t, "0.0.0.0:0", true)
	name, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	own := "127.0.0.1"
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		if ip, ok := a.(*net.IPNet); ok && ip.IP.To4() != nil && !ip.IP.IsLoopback() {
			own = ip.IP.String()
		}
	}
	for host, status := range map[string]int{
		own: 200, strings.ToLower(name): 200, "localhost": 200, "evil.test": 421, "192.0.2.1": 421, "0.0.0.0": 421,
	} {
		if r, _ := s.send(t, own+":"+s.port, "GET / HTTP/1.1\nHost: "+host+":PORT\n"); r.StatusCode != status {
			t.Errorf("Host %s at %s: %s, want %d", host, own, r.Status, status)
		}
	}
	upgrade := "GET /lab/live HTTP/1.1\nHost: " + own + ":PORT\nOrigin: http://" + own +
		":PORT\nConnection: Upgrade\nUpgrade: websocket\n"
	if r, _ := s.send(t, own+":"+s.port, upgrade); r.StatusCode != 401 {
		t.Errorf("a stranger runs: %s", r.Status)
	}
}

func TestRedirectFile(t *testing.T) {
	s := newSite(t, "127.0.0.1:0", false)
	path, remove, err := s.RedirectFile(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if at, err := os.Stat(path); err != nil || at.Mode().Perm() != 0o600 {
		t.Errorf("mode: %v %v", at.Mode(), err)
	}
	page, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(page, []byte(s.URL())) {
		t.Errorf("page: %s %v", page, err)
	}
	if _, key, _ := strings.Cut(s.URL(), "#key="); strings.Contains(path, key) {
		t.Error("the key is in the path, which becomes an argument")
	}
	remove()
	if _, err := os.Stat(path); err == nil {
		t.Error("not removed")
	}
}

func TestRedact(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: Redact}))
	log.Info("a", "url", "http://localhost/#key=SECRET", "Cookie", "run_1=SECRET", "key", "SECRET", "header",
		"era, right.SECRET", "X-Era-Right", "SECRET", "ticket", "SECRET")
	if strings.Contains(out.String(), "SECRET") {
		t.Error(out.String())
	}
}

// The printed address is one that the server listens on.
func TestAddressIsWhereItListens(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "127.0.0.2:0", "[::1]:0", "localhost:0"} {
		l, err := Listen(addr, false)
		if err != nil {
			t.Logf("left out: %v", err) // not every machine has all of them
			continue
		}
		defer l.Close()
		g, err := New(l, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if want := "http://" + l.Addr().String() + "/"; g.Address() != want {
			t.Errorf("listening on %s: told %s", want, g.Address())
		}
	}
}

// Strangers who guess do not keep the reader out.
func TestGuessesDoNotLockOut(t *testing.T) {
	s := newSite(t, "127.0.0.1:0", false)
	for range 100 {
		s.enter(t, "guess", asPage)
	}
	s.token(t)
}

// A page of a stranger can get itself refused a thousand times a second: the log must not fill up.
func TestRefusalsAreLoggedSparingly(t *testing.T) {
	s := newSite(t, "127.0.0.1:0", false)
	s.send(t, s.addr, "GET "+strings.Repeat("/a", 5000)+" HTTP/1.1\nHost: evil.test\n")
	if line := s.log.String(); !strings.Contains(line, "evil.test") || len(line) > 600 {
		t.Errorf("a line of %d bytes: %.700s", len(line), line)
	}
	var b budget
	logged := 0
	for range 100 {
		if _, log := b.next(time.Unix(1, 0)); log {
			logged++
		}
	}
	if quiet, log := b.next(time.Unix(2, 0)); logged != linesASecond || !log || quiet != 100-logged {
		t.Errorf("%d lines of 100 in a second, then %d counted (%v)", logged, quiet, log)
	}
}
