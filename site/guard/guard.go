// Package guard stands in front of everything that serve answers. The page can start programs, so a request must be
// addressed to this server by its name, must come from this server's own pages, and must carry the right to run, which
// is granted for a key that only the terminal shows.
package guard

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Options say how to guard.
type Options struct {
	LAN    bool             // other machines may read, at this machine's addresses and under its name
	NewKey func(url string) // called with the address with the next key when a key was used; may be nil
	Log    *slog.Logger     // for refused requests; nil: nothing is logged
}

// Guard checks requests.
type Guard struct {
	options  Options
	port     string
	hosts    []string // the only values of Host that are answered
	own      string   // the one of them at which this machine reaches the listener
	rights   *rights
	typed    atomic.Bool // the codes that pages show can be typed into the terminal
	cross    *http.CrossOriginProtection
	lines    budget
	listener net.Listener
}

var errNotLoopback = errors.New("other machines could reach it: use an address of this machine alone, such as 127.0.0.1:8492, or allow it with -lan")

// Listen listens on the address. Without lan it refuses, before it listens, an address that other machines can reach.
func Listen(addr string, lan bool) (net.Listener, error) {
	resolved, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", addr, err)
	}
	if !lan && !resolved.IP.IsLoopback() {
		return nil, fmt.Errorf("address %q: %w", addr, errNotLoopback)
	}
	return net.ListenTCP("tcp", resolved)
}

// New guards the listener's requests. The names that it answers to follow from where it really listens.
func New(l net.Listener, o Options) (*Guard, error) {
	address, err := netip.ParseAddrPort(l.Addr().String())
	if err != nil {
		return nil, fmt.Errorf("guard %s: %w", l.Addr(), err)
	}
	ip := address.Addr().Unmap()
	if !o.LAN && !ip.IsLoopback() {
		return nil, fmt.Errorf("guard %s: %w", l.Addr(), errNotLoopback)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	g := &Guard{options: o, listener: l, port: fmt.Sprint(address.Port()), cross: http.NewCrossOriginProtection()}
	g.own = "127.0.0.1:" + g.port
	var names []string
	if ip.IsLoopback() || ip.IsUnspecified() {
		names = append(names, "127.0.0.1", "localhost", "[::1]")
	}
	if !ip.IsUnspecified() {
		names = append(names, bracket(ip))
		g.own = bracket(ip) + ":" + g.port
	}
	if o.LAN {
		if name, err := os.Hostname(); err == nil { // without a name, the addresses are enough
			names = append(names, strings.ToLower(name))
			if !strings.Contains(name, ".") {
				names = append(names, strings.ToLower(name)+".local") // as in multicast DNS (RFC 6762)
			}
		}
	}
	for _, name := range names {
		g.hosts = append(g.hosts, name+":"+g.port)
		if g.port == "80" {
			g.hosts = append(g.hosts, name)
		}
	}
	slices.Sort(g.hosts)
	g.hosts = slices.Compact(g.hosts)
	g.rights = newRights()
	return g, nil
}

func bracket(ip netip.Addr) string {
	if ip.Is6() {
		return "[" + ip.String() + "]"
	}
	return ip.String()
}

// Address is where to read, without a key.
func (g *Guard) Address() string { return "http://" + g.own + "/" }

// URL is the address with the key that gives the right to run, once. The key is in the fragment, which browsers do not
// send: it is in no request line and in no log.
func (g *Guard) URL() string { return g.Address() + "#key=" + g.rights.currentKey() }

// Handler guards the next handler.
func (g *Guard) Handler(next http.Handler) http.Handler {
	inner := g.cross.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answer := questions[r.URL.Path]; answer != nil {
			g.answer(w, r, answer)
			return
		}
		next.ServeHTTP(w, r)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header(), framed(r))
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		if err := g.checkHost(r); err != nil {
			g.refuse(w, r, http.StatusMisdirectedRequest, err)
			return
		}
		if upgrades(r) {
			if err := g.CheckUpgrade(r); err != nil {
				g.refuse(w, r, http.StatusForbidden, err)
				return
			}
			if !g.MayRun(r) {
				g.refuse(w, r, http.StatusUnauthorized, errNoRight)
				return
			}
		} else if err := checkFetch(r); err != nil {
			g.refuse(w, r, http.StatusForbidden, err)
			return
		}
		inner.ServeHTTP(w, r)
	})
}

const maxBody = 64 << 10 // bytes; the largest body that a page has to send is a key

func (g *Guard) refuse(w http.ResponseWriter, r *http.Request, status int, why error) {
	if quiet, log := g.lines.next(time.Now()); log {
		g.options.Log.Warn("refused", "status", status, "why", why, "method", shorten(r.Method), "path", shorten(r.URL.Path),
			"from", r.RemoteAddr, "unlogged before", quiet)
	}
	http.Error(w, why.Error(), status)
}

// budget lets a few lines a second into the log. Refused requests come from strangers, who may send as many as they
// like.
type budget struct {
	mu     sync.Mutex
	second int64
	used   int
	quiet  int // refused since the last logged line, and not logged
}

const linesASecond = 5

// next returns whether to log, and how many refusals were not logged before.
func (b *budget) next(now time.Time) (quiet int, log bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if second := now.Unix(); second != b.second {
		b.second, b.used = second, 0
	}
	if b.used == linesASecond {
		b.quiet++
		return 0, false
	}
	b.used++
	quiet, b.quiet = b.quiet, 0
	return quiet, true
}

// Policy is what a page may load and do: only files beside it, and text never becomes code. Pages also contain it
// themselves, for hosts that send no such header and for pages on disk, where Chromium and Firefox take any file for
// 'self'.
const Policy = "default-src 'none'; script-src 'self'" + policyRest

// SteppingPolicy is that of pages on which servers can be stepped: they may compile WebAssembly, and nothing else more.
const SteppingPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'" + policyRest

const policyRest = "; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"manifest-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; " +
	"trusted-types era era-page era-search era-offline"

// AllowStepping gives the headers of a response the policy of pages on which servers can be stepped.
func AllowStepping(h http.Header) {
	const name = "Content-Security-Policy"
	if policy, is := strings.CutPrefix(h.Get(name), Policy); is {
		h.Set(name, SteppingPolicy+policy)
	}
}

// Server names this program in the header Server of every response: a second serve on the same port checks it.
const Server = "The Era of Asynchrony"

// Embedded is the folder of the pages that others may show in a frame: each replays one recorded run, and none can run
// anything.
const Embedded = "lab"

var embedded = regexp.MustCompile(`^/` + Embedded + `/[\w-]+\.html$`)

// framed reports whether a frame of another page may show what is asked for.
func framed(r *http.Request) bool { return embedded.MatchString(r.URL.Path) }

// secure sets the headers that every response has.
func secure(h http.Header, framed bool) {
	h.Set("Server", Server)
	if framed {
		h.Set("Content-Security-Policy", Policy)
	} else {
		h.Set("Content-Security-Policy", Policy+"; frame-ancestors 'none'") // which only a header can say
		h.Set("X-Frame-Options", "DENY")
	}
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	// Pop-ups are not isolated: "open in Perfetto" passes a trace to one.
	h.Set("Cross-Origin-Opener-Policy", "same-origin-allow-popups")
}
