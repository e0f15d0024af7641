package guard

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	maxRights   = 32 // beyond it, the least recently used one ends
	maxSockets  = 8  // of one right: a duplicated tab has the right of its original
	socketWait  = 10 * time.Second
	idleRight   = 12 * time.Hour // then it ends
	triesAtOnce = 10             // wrong keys; then one more each second
)

// rights holds the key that may be used next, and the tabs that may run.
type rights struct {
	start string // identifies this start of serve: a page whose right is unknown learns whether serve was restarted

	mu      sync.Mutex
	key     string
	all     []*right
	pleas   []*plea
	count   int // of rights so far, which are numbered
	tries   float64
	triedAt time.Time
}

// right is the right of a tab. It ends when it is revoked, or was not used for long.
type right struct {
	id      int
	token   string
	page    string // that the tab shows
	from    string // the address of its machine
	since   time.Time
	used    time.Time
	sockets int           // that are open now
	places  chan struct{} // holds a token for each of these
	ctx     context.Context
	end     context.CancelFunc
}

var (
	errWrongKey = errors.New("this key is wrong, or was used before; serve has printed a new one in the terminal")
	errTooFast  = errors.New("too many wrong keys: wait a moment")
	errNoRight  = errors.New("this tab may not run: open the page through the link that serve printed, which carries the key")
	errSockets  = fmt.Errorf("this tab has %d connections already", maxSockets)
)

func newRights() *rights {
	return &rights{start: rand.Text(), key: rand.Text(), tries: triesAtOnce, triedAt: time.Now()}
}

func (s *rights) currentKey() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.key
}

// enter trades the key for a right. The key is then used up, and another takes its place. A tab that may already run
// keeps its right.
func (s *rights) enter(key, token, page, from string) (string, error) {
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
	// A right key is never refused as too fast: strangers who guess must not keep the reader out, and 130 bits cannot
	// be guessed.
	s.key = rand.Text()
	if r := s.find(token); r != nil {
		return r.token, nil
	}
	return s.add(page, from).token, nil
}

// share gives a right of its own to another tab of the holder of the token.
func (s *rights) share(token, from string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.find(token) == nil {
		return "", errNoRight
	}
	return s.add("", from).token, nil
}

// add makes a right. The caller holds the lock, as for all methods below that do not say otherwise.
func (s *rights) add(page, from string) *right {
	now := time.Now()
	s.count++
	r := &right{id: s.count, token: rand.Text(), page: page, from: from, since: now, used: now,
		places: make(chan struct{}, maxSockets)}
	r.ctx, r.end = context.WithCancel(context.Background())
	if len(s.all) == maxRights {
		oldest := slices.MinFunc(s.all, func(a, b *right) int {
			if (a.sockets == 0) != (b.sockets == 0) { // open tabs stay
				return min(a.sockets, 1) - min(b.sockets, 1)
			}
			return a.used.Compare(b.used)
		})
		s.endIf(func(r *right) bool { return r == oldest })
	}
	s.all = append(s.all, r)
	return r
}

// find returns the right with the token, or nil.
func (s *rights) find(token string) (found *right) {
	now := time.Now()
	s.endIf(func(r *right) bool { return r.sockets == 0 && now.Sub(r.used) > idleRight })
	for _, r := range s.all {
		if subtle.ConstantTimeCompare([]byte(token), []byte(r.token)) == 1 {
			found = r
		}
	}
	return found
}

// endIf ends rights, and with them their connections and runs; it returns how many.
func (s *rights) endIf(doomed func(*right) bool) int {
	before := len(s.all)
	s.all = slices.DeleteFunc(s.all, func(r *right) bool {
		if doomed(r) {
			r.end()
			return true
		}
		return false
	})
	return before - len(s.all)
}

// use reports whether the token gives a right, and records that it was used, on which page. It takes the lock.
func (s *rights) use(token, page string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.find(token)
	if r == nil {
		return false
	}
	r.used = time.Now()
	if page != "" {
		r.page = page
	}
	return true
}

// connect counts a connection. ended is done when the right ends; the caller calls leave when the connection ends. When
// all places of the right are taken it waits a while: a reader who turns pages quickly leaves connections behind that
// are just being closed. It takes the lock.
func (s *rights) connect(token string) (ended context.Context, leave func(), err error) {
	s.mu.Lock()
	r := s.find(token)
	s.mu.Unlock()
	if r == nil {
		return nil, nil, errNoRight
	}
	late := time.NewTimer(socketWait)
	defer late.Stop()
	select {
	case r.places <- struct{}{}:
	case <-r.ctx.Done():
		return nil, nil, errNoRight
	case <-late.C:
		return nil, nil, errSockets
	}
	count := func(n int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		r.sockets += n
		r.used = time.Now()
	}
	count(+1)
	return r.ctx, func() {
		count(-1)
		<-r.places
	}, nil
}

// Tab is a right as its reader sees it.
type Tab struct {
	ID        int       `json:"id"`
	Page      string    `json:"page"`
	From      string    `json:"from"`
	Since     time.Time `json:"since"`
	Connected bool      `json:"connected"`
	Own       bool      `json:"own"` // the tab that asks
}

// list takes the lock.
func (s *rights) list(token string) []Tab {
	s.mu.Lock()
	defer s.mu.Unlock()
	own := s.find(token)
	tabs := []Tab{} // in JSON a list, even if it is empty
	for _, r := range s.all {
		tabs = append(tabs, Tab{r.id, r.page, r.from, r.since, r.sockets > 0, r == own})
	}
	return tabs
}

// revoke takes the lock.
func (s *rights) revoke(doomed func(*right) bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.endIf(doomed)
}

const (
	maxPleas   = 64
	maxPleasOf = 8 // one other machine: it must not push out those of this one
	pleaTime   = 10 * time.Minute
)

// plea is the request of a page without a right. The page shows a code, and typing the code in the terminal grants the
// right. The code is of use only there, so four digits are enough.
type plea struct {
	ticket, code string
	page, from   string
	local        bool
	made         time.Time
	token        string // of the right, when it was granted
}

// plead returns a new plea, or the one of the ticket; a granted one is returned once. It takes the lock.
func (s *rights) plead(ticket, page, from string, local bool) plea {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.pleas = slices.DeleteFunc(s.pleas, func(p *plea) bool { return now.Sub(p.made) > pleaTime })
	for i, p := range s.pleas {
		if subtle.ConstantTimeCompare([]byte(ticket), []byte(p.ticket)) == 1 {
			if p.token != "" {
				s.pleas = slices.Delete(s.pleas, i, i+1)
			}
			return *p
		}
	}
	s.makeRoom(from, local)
	p := &plea{ticket: rand.Text(), code: s.newCode(), page: page, from: from, local: local, made: now}
	s.pleas = append(s.pleas, p)
	return *p
}

// makeRoom drops the oldest plea of a machine that has its share of them, or otherwise of any other machine.
func (s *rights) makeRoom(from string, local bool) {
	own := func(p *plea) bool { return p.from == from }
	share := maxPleasOf
	if local {
		share = maxPleas / 2
	}
	count := 0
	for _, p := range s.pleas {
		if own(p) {
			count++
		}
	}
	drop := own
	if count < share {
		if len(s.pleas) < maxPleas {
			return
		}
		drop = func(p *plea) bool { return !p.local }
	}
	oldest := max(0, slices.IndexFunc(s.pleas, drop))
	s.pleas = slices.Delete(s.pleas, oldest, oldest+1)
}

// newCode returns a code that differs in at least two digits from every other, so that a mistyped digit never grants
// another page's plea.
func (s *rights) newCode() string {
	for {
		code := fmt.Sprintf("%04d", random(10_000))
		if !slices.ContainsFunc(s.pleas, func(p *plea) bool { return distance(p.code, code) < 2 }) {
			return code // soon found: 64 codes rule out less than a quarter
		}
	}
}

// random returns a number below n.
func random(n uint32) uint32 {
	var b [4]byte
	rand.Read(b[:]) // never fails
	return (uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])) % n
}

func distance(a, b string) (n int) {
	for i := range a {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}

// grant gives a right to the page that shows the code.
func (s *rights) grant(code string) (*right, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for _, p := range s.pleas {
		if p.code == code && p.token == "" && now.Sub(p.made) <= pleaTime {
			r := s.add(p.page, p.from)
			p.token = r.token
			return r, true
		}
	}
	return nil, false
}

// Command executes a line that was typed in serve's terminal, and returns what to print.
func (g *Guard) Command(line string) string {
	words := strings.Fields(strings.ToLower(line))
	var id int
	switch {
	case len(words) == 0:
		return ""
	case len(words) == 1 && len(words[0]) == 4 && strings.Trim(words[0], "0123456789") == "":
		r, ok := g.rights.grant(words[0])
		if !ok {
			return fmt.Sprintf("no page shows the code %s now\n", words[0])
		}
		return fmt.Sprintf("tab %d may run experiments now: %s. To take that back: end %d\n", r.id, place(r.page, r.from), r.id)
	case len(words) == 1 && words[0] == "tabs":
		return g.tabs()
	case len(words) == 2 && words[0] == "end" && words[1] == "all":
		return fmt.Sprintf("ended: %d\n", g.rights.revoke(func(*right) bool { return true }))
	case len(words) == 2 && words[0] == "end":
		if _, err := fmt.Sscanf(words[1], "%d", &id); err == nil &&
			g.rights.revoke(func(r *right) bool { return r.id == id }) == 1 {
			return fmt.Sprintf("ended: tab %d\n", id)
		}
		return fmt.Sprintf("no tab %.10q\n", words[1])
	}
	return "type the code that a page shows, or: tabs, end NUMBER, end all\n"
}

func (g *Guard) tabs() string {
	list := g.rights.list("")
	if len(list) == 0 {
		return "no tab may run experiments\n"
	}
	var b strings.Builder
	for _, t := range list {
		state := "not connected"
		if t.Connected {
			state = "connected"
		}
		fmt.Fprintf(&b, "%3d  %s, since %s, %s\n", t.ID, place(t.Page, t.From), t.Since.Format("15:04"), state)
	}
	return b.String()
}

func place(page, from string) string {
	if page == "" {
		page = "a page"
	}
	return page + " at " + from
}
