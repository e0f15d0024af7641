// Package ledger keeps what each of many servers said to one battery, our own and those that others wrote.
package ledger

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Difference is a case in which a server says something else than the battery wants: the clause, the case, what it says,
// and why, or where to read that. It is as much an expectation as the other: a difference that vanishes is a failure,
// and so is a new one, on the version that it was seen with.
type Difference [4]string

// Ledger collects what servers say to a battery. Servers may be asked side by side, each by one test.
type Ledger struct {
	mu          sync.Mutex
	differences map[string][]Difference
	cells       map[string]map[string]*cell // by clause, by server
	servers     []string
}

// cell is how one server did in the cases of one clause.
type cell struct{ good, other, failed int }

// New is a ledger that knows which differences to expect, by server. Those of "x" are also those of "x y".
func New(differences map[string][]Difference) *Ledger {
	return &Ledger{differences: differences, cells: map[string]map[string]*cell{}}
}

// Page is the ledger's page for one server. pinned tells that its version is the one that its differences were seen
// with: another one's are logged.
func (l *Ledger) Page(server string, pinned bool) *Page {
	l.mu.Lock()
	l.servers = append(l.servers, server)
	l.mu.Unlock()
	first, _, several := strings.Cut(server, " ")
	expected := l.differences[first]
	if several {
		expected = append(slices.Clone(expected), l.differences[server]...)
	}
	return &Page{ledger: l, server: server, pinned: pinned, expected: expected, asked: map[Difference]bool{}}
}

// Page is what one server says.
type Page struct {
	ledger   *Ledger
	server   string
	pinned   bool
	expected []Difference
	asked    map[Difference]bool
}

// Check compares what the server said to a case with what is wanted, or with the difference that is expected of it.
func (p *Page) Check(t *testing.T, clause, what, got, want string) {
	t.Helper()
	p.ledger.mu.Lock()
	defer p.ledger.mu.Unlock()
	mark := p.cell(clause)
	says, differs := p.known(clause, what)
	switch {
	case got == want && !differs:
		mark.good++
	case differs && got == says:
		mark.other++
	case !p.pinned && got == want:
		mark.good++
		t.Logf("%s %s: this version does as the battery wants, another said %q", clause, what, says)
	case !p.pinned:
		mark.other++
		t.Logf("%s %s: this version says %q, the battery wants %q", clause, what, got, want)
	case differs && got == want:
		mark.failed++
		t.Errorf("%s %s: a difference has vanished: it said %q before, and does as the battery wants now", clause, what, says)
	case differs:
		mark.failed++
		t.Errorf("%s %s: got %q, the battery wants %q, and known of it is %q", clause, what, got, want, says)
	default:
		mark.failed++
		t.Errorf("%s %s: got %q, want %q", clause, what, got, want)
	}
}

// Leave notes that a clause cannot be asked about here.
func (p *Page) Leave(clause string) {
	p.ledger.mu.Lock()
	defer p.ledger.mu.Unlock()
	p.cell(clause)
}

func (p *Page) cell(clause string) *cell {
	row := p.ledger.cells[clause]
	if row == nil {
		row = map[string]*cell{}
		p.ledger.cells[clause] = row
	}
	if row[p.server] == nil {
		row[p.server] = &cell{}
	}
	return row[p.server]
}

// known is what this server says instead in a case, if it is one of its differences.
func (p *Page) known(clause, what string) (says string, differs bool) {
	for _, d := range p.expected {
		if d[0] == clause && d[1] == what {
			p.asked[d] = true
			return d[2], true
		}
	}
	return "", false
}

// Done complains of differences in cases that this server was never asked.
func (p *Page) Done(t *testing.T) {
	t.Helper()
	for _, d := range p.expected {
		if !p.asked[d] {
			t.Errorf("the table of differences has %s %q for %s: there is no such case", d[0], d[1], p.server)
		}
	}
}

// Covered complains of a clause that was not asked of one of the servers, from PREFIX1 to PREFIXlast.
func (l *Ledger) Covered(t *testing.T, server, prefix string, last int) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for n := 1; n <= last; n++ {
		if l.cells[prefix+strconv.Itoa(n)][server] == nil {
			t.Errorf("%s was not asked about %s%d", server, prefix, n)
		}
	}
}

// Table is the ledger's sum: a row for each clause, a column for each server, in the order of their names. "5" is five cases as wanted, "5+1" one more
// in which the server differs as is known of it, "5-1" one in which it fails, "-" nothing asked.
func (l *Ledger) Table() string {
	var text strings.Builder
	line := func(first string, cells []string) {
		fmt.Fprintf(&text, "%-7s", first)
		for i, c := range cells {
			fmt.Fprintf(&text, " %*s", max(len(l.servers[i]), 5), c)
		}
		text.WriteString("\n")
	}
	slices.Sort(l.servers)
	line("clause", l.servers)
	number := func(clause string) int {
		n, _ := strconv.Atoi(clause[strings.IndexByte(clause, '.')+1:]) // what is no number comes first
		return n
	}
	for _, clause := range slices.SortedFunc(maps.Keys(l.cells),
		func(a, b string) int { return cmp.Compare(number(a), number(b)) }) {
		var cells []string
		for _, server := range l.servers {
			c := l.cells[clause][server]
			if c == nil || *c == (cell{}) {
				cells = append(cells, "-")
				continue
			}
			says := strconv.Itoa(c.good)
			if c.other > 0 {
				says += "+" + strconv.Itoa(c.other)
			}
			if c.failed > 0 {
				says += "-" + strconv.Itoa(c.failed)
			}
			cells = append(cells, says)
		}
		line(clause, cells)
	}
	return text.String()
}
