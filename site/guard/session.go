package guard

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	maxSessions = 32 // the oldest gives way
	triesAtOnce = 10 // wrong keys; then one more each second
)

// sessions holds the key that may be used next, and who has used one.
type sessions struct {
	mu      sync.Mutex
	key     string
	tokens  []string
	tries   float64
	triedAt time.Time
}

func newSessions() *sessions {
	return &sessions{key: rand.Text(), tries: triesAtOnce, triedAt: time.Now()}
}

func (s *sessions) currentKey() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.key
}

var (
	errWrongKey = errors.New("this key is wrong, or was used before; serve has printed a new one in the terminal")
	errTooFast  = errors.New("too many wrong keys: wait a moment")
)

// enter trades the key for a session. The key is then used up, and another takes its place.
func (s *sessions) enter(key string) (token string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if subtle.ConstantTimeCompare([]byte(key), []byte(s.key)) != 1 {
		now := time.Now()
		s.tries = min(triesAtOnce, s.tries+now.Sub(s.triedAt).Seconds())
		s.triedAt = now
		if s.tries < 1 {
			return "", errTooFast
		}
		s.tries--
		return "", errWrongKey
	}
	// The right key is never too fast: strangers who guess must not keep the reader out, and 130 bits are not guessed.
	s.key = rand.Text()
	token = rand.Text()
	s.tokens = append(s.tokens, token)
	if len(s.tokens) > maxSessions {
		s.tokens = s.tokens[1:]
	}
	return token, nil
}

func (s *sessions) has(token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := 0
	for _, known := range s.tokens {
		found |= subtle.ConstantTimeCompare([]byte(token), []byte(known))
	}
	return found == 1
}

// cookie is the name of the session's cookie. Browsers send cookies to all ports of a host, so it names its own.
func (g *Guard) cookie() string { return "run_" + g.port }

// MayRun tells whether the request carries the right to run.
func (g *Guard) MayRun(r *http.Request) bool {
	for _, c := range r.CookiesNamed(g.cookie()) {
		if g.sessions.has(c.Value) {
			return true
		}
	}
	return false
}

// enter answers POST /lab/enter {"key": KEY}: 204 and the session's cookie.
func (g *Guard) enter(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		http.Error(w, "only POST", http.StatusMethodNotAllowed)
		return
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" || r.Header.Get("X-Era") == "" {
		// A form of another site can send neither without asking first, and is never allowed to.
		g.refuse(w, r, http.StatusUnsupportedMediaType, errors.New("send JSON, and the header X-Era"))
		return
	}
	var body struct {
		Key string `json:"key"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10)).Decode(&body); err != nil {
		g.refuse(w, r, http.StatusBadRequest, errors.New(`send {"key": KEY}`))
		return
	}
	token, err := g.sessions.enter(body.Key)
	switch {
	case errors.Is(err, errTooFast):
		w.Header().Set("Retry-After", "1")
		g.refuse(w, r, http.StatusTooManyRequests, err)
		return
	case err != nil:
		g.refuse(w, r, http.StatusForbidden, err)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: g.cookie(), Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	w.WriteHeader(http.StatusNoContent)
	if g.options.NewKey != nil {
		g.options.NewKey(g.URL())
	}
}

// Redact is a slog.HandlerOptions.ReplaceAttr that keeps keys and cookies out of logs.
func Redact(_ []string, a slog.Attr) slog.Attr {
	switch strings.ToLower(a.Key) {
	case "key", "cookie", "set-cookie", "authorization", "token":
		return slog.String(a.Key, "(redacted)")
	}
	if text := a.Value.String(); a.Value.Kind() != slog.KindTime && (strings.Contains(text, "key=") || strings.Contains(text, "run_")) {
		return slog.String(a.Key, "(redacted)")
	}
	return a
}
