package guard

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
)

// A tab proves its right with a token, which it keeps in its session storage: of this origin, port included, and of
// this tab. Cookies would not do: browsers send them to all ports of a host, and let all ports set them.
const (
	rightHeader  = "X-Era-Right" // of requests
	pageHeader   = "X-Era-Page"  // where the tab is, for the list
	rightPrefix  = "right."      // of the subprotocol that carries the token: scripts cannot set headers of a WebSocket
	protoHeaders = "Sec-Websocket-Protocol"
)

// token returns the token that the request carries.
func token(r *http.Request) string {
	if !upgrades(r) {
		return r.Header.Get(rightHeader)
	}
	for _, list := range r.Header.Values(protoHeaders) {
		for name := range strings.SplitSeq(list, ",") {
			if token, is := strings.CutPrefix(strings.TrimSpace(name), rightPrefix); is {
				return token
			}
		}
	}
	return ""
}

var pagePath = regexp.MustCompile(`^[\w./-]{1,100}$`)

// page returns where the tab says it is: only the name of a page, as it is shown in the terminal.
func page(r *http.Request) string {
	if p := r.Header.Get(pageHeader); pagePath.MatchString(p) {
		return p
	}
	return ""
}

// remote returns the address of the machine that the request comes from.
func remote(r *http.Request) (from string, local bool) {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return "?", false
	}
	ip := at.Addr().Unmap()
	if ip.IsLoopback() {
		return "this machine", true
	}
	return ip.String(), false
}

// MayRun reports whether the request carries the right to run.
func (g *Guard) MayRun(r *http.Request) bool {
	may := g.rights.use(token(r), page(r))
	if may {
		know(r)
	}
	return may
}

// Connect counts a WebSocket of the right that the request carries. ended is done when the right ends; the caller calls
// leave when the WebSocket ends.
func (g *Guard) Connect(r *http.Request) (ended context.Context, leave func(), err error) {
	return g.rights.connect(token(r))
}

// Status is what a page learns about its right.
type Status struct {
	MayRun bool   `json:"may_run"`
	Start  string `json:"start"` // if it is not the one that came with the right, serve was restarted
	Tabs   int    `json:"tabs,omitempty"`
}

// Status tells a page whether it may run: a script cannot see why an upgrade failed.
func (g *Guard) Status(r *http.Request) any {
	s := Status{MayRun: g.MayRun(r), Start: g.rights.start}
	if s.MayRun {
		s.Tabs = len(g.rights.list(""))
	}
	return s
}

// Typed says whether a user can type into serve's terminal now. If not, pages show no code.
func (g *Guard) Typed(can bool) { g.typed.Store(can) }

type (
	// question is the body of a page's request: each of the addresses below uses a part of it.
	question struct {
		Key    string `json:"key"`
		Ticket string `json:"ticket"`
		ID     int    `json:"id"`
		Others bool   `json:"others"`
	}
	given struct {
		Token string `json:"token"`
		Start string `json:"start"`
	}
	pending struct {
		Ticket string `json:"ticket,omitempty"`
		Code   string `json:"code"` // empty: it could not be typed in
		given
	}
	tabs struct {
		Tabs []Tab `json:"tabs"`
	}
)

var questions = map[string]func(*Guard, *http.Request, question) (any, error){
	"/lab/enter": (*Guard).enter, // a key for a right
	"/lab/share": (*Guard).share, // a right for another tab
	"/lab/ask":   (*Guard).ask,   // a code to type in the terminal, and then the right
	"/lab/tabs":  (*Guard).list,  // the tabs that may run
	"/lab/end":   (*Guard).revoke,
}

func (g *Guard) enter(r *http.Request, q question) (any, error) {
	from, _ := remote(r)
	t, err := g.rights.enter(q.Key, token(r), page(r), from)
	if err != nil {
		return nil, err
	}
	know(r)
	if g.options.NewKey != nil {
		g.options.NewKey(g.URL())
	}
	return given{t, g.rights.start}, nil
}

func (g *Guard) share(r *http.Request, _ question) (any, error) {
	from, _ := remote(r)
	t, err := g.rights.share(token(r), from)
	return given{t, g.rights.start}, err
}

func (g *Guard) ask(r *http.Request, q question) (any, error) {
	if !g.typed.Load() && q.Ticket == "" {
		return pending{given: given{Start: g.rights.start}}, nil
	}
	from, local := remote(r)
	p := g.rights.plead(q.Ticket, page(r), from, local)
	answer := pending{p.ticket, p.code, given{p.token, g.rights.start}}
	if !g.typed.Load() {
		answer.Code = ""
	}
	return answer, nil
}

func (g *Guard) list(r *http.Request, _ question) (any, error) {
	if !g.MayRun(r) {
		return nil, errNoRight
	}
	return tabs{g.rights.list(token(r))}, nil
}

// revoke ends the right of one tab, or of all tabs except the one that asks, and returns the rest.
func (g *Guard) revoke(r *http.Request, q question) (any, error) {
	if !g.MayRun(r) {
		return nil, errNoRight
	}
	own := token(r)
	g.rights.revoke(func(r *right) bool { return r.id == q.ID || q.Others && r.token != own })
	return tabs{g.rights.list(own)}, nil
}

// answer answers a POST with JSON.
func (g *Guard) answer(w http.ResponseWriter, r *http.Request,
	answer func(*Guard, *http.Request, question) (any, error)) {
	w.Header().Set("Cache-Control", "no-store")
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		http.Error(w, "only POST", http.StatusMethodNotAllowed)
		return
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" || r.Header.Get("X-Era") == "" {
		// A form of another site cannot send either without asking first, and is never allowed to.
		g.refuse(w, r, http.StatusUnsupportedMediaType, errors.New("send JSON, and the header X-Era"))
		return
	}
	var q question
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10)).Decode(&q); err != nil {
		g.refuse(w, r, http.StatusBadRequest, errors.New(`send an object of JSON, such as {"key": KEY}`))
		return
	}
	what, err := answer(g, r, q)
	switch {
	case errors.Is(err, errTooFast):
		w.Header().Set("Retry-After", "1")
		g.refuse(w, r, http.StatusTooManyRequests, err)
	case errors.Is(err, errNoRight):
		g.refuse(w, r, http.StatusUnauthorized, err)
	case err != nil:
		g.refuse(w, r, http.StatusForbidden, err)
	default:
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(what) // the page may be gone; then nothing can be done
	}
}

// Redact is a slog.HandlerOptions.ReplaceAttr that keeps keys and tokens out of logs.
func Redact(_ []string, a slog.Attr) slog.Attr {
	switch strings.ToLower(a.Key) {
	case "key", "cookie", "set-cookie", "authorization", "token", "ticket", strings.ToLower(rightHeader),
		strings.ToLower(protoHeaders):
		return slog.String(a.Key, "(redacted)")
	}
	if text := a.Value.String(); a.Value.Kind() != slog.KindTime &&
		(strings.Contains(text, "key=") || strings.Contains(text, rightPrefix)) {
		return slog.String(a.Key, "(redacted)")
	}
	return a
}
