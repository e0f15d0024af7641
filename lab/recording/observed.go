package recording

import (
	"fmt"
	"reflect"
)

// Reasons of failed requests that have sentences of their own.
const (
	GaveUp      = "gave up waiting"
	Lost        = "lost"           // a datagram
	AnotherBody = "another body: " // and the beginning of that body, quoted
)

// Observed is what was seen of a server, its clients and its backend beyond the numbers of the results table. The
// sentences about a run are made from both when they are shown.
type Observed struct {
	Groups  map[string]ObservedGroup `json:"groups"` // all of the script
	Backend ObservedBackend          `json:"backend"`

	// About its calls; all are empty where the calls were not seen.
	Doubt    string         `json:"doubt,omitempty"`    // why the trace is not believed
	Lost     int64          `json:"lost,omitempty"`     // events that are not in the picture because it was full
	Accepted int            `json:"accepted,omitempty"` // connections
	Threads  int            `json:"threads,omitempty"`  // that made calls at the same time
	Serving  int            `json:"serving,omitempty"`  // threads that made calls by which clients are served
	Stuck    *Stuck         `json:"stuck,omitempty"`    // the longest wait of a thread for one descriptor
	GapMS    float64        `json:"gap_ms,omitempty"`   // the longest time in which a thread made no call
	HangUps  map[string]int `json:"hang_ups,omitempty"` // calls that met a client's leaving, by error
	Buffers  int            `json:"buffers,omitempty"`  // how often a stream's buffer rose above its high-water mark

	HiddenTasks bool    `json:"hidden_tasks,omitempty"` // it has tasks that its trace does not show
	Retried     int     `json:"retried,omitempty"`      // connections whose SYN was sent again
	ConnectMS   float64 `json:"connect_ms,omitempty"`   // the longest time until a client was connected
	Held        *Held   `json:"held,omitempty"`         // while it ran, if the script makes the lab look
}

// ObservedBackend is what the server's backend saw.
type ObservedBackend struct {
	Asked       int `json:"asked,omitempty"`
	AskedUnread int `json:"asked_unread,omitempty"` // until a client that had stopped reading read on
	AtOnce      int `json:"at_once,omitempty"`      // questions that waited for their answers at the same time, at most
	Abandoned   int `json:"abandoned,omitempty"`    // questions whose connection was closed before the answer
	Open        int `json:"open,omitempty"`         // connections at the end
	Foreign     int `json:"foreign,omitempty"`      // connections that it turned away: not the server's
	Over        int `json:"over,omitempty"`         // connections that it turned away because it had too many
}

// ObservedGroup is what a group of clients saw.
type ObservedGroup struct {
	Clients      int            `json:"clients"`
	Reasons      map[string]int `json:"reasons,omitempty"`        // why requests failed, and how many each
	TookMS       float64        `json:"took_ms,omitempty"`        // from the first request to the last reply
	QuickestMS   float64        `json:"quickest_ms,omitempty"`    // the shortest wait for a reply
	FirstBytesMS []float64      `json:"first_bytes_ms,omitempty"` // sorted; of replies that come in pieces
	Pieces       int            `json:"pieces,omitempty"`         // in which half of the bodies came, at most
	Refused      int            `json:"refused,omitempty"`        // replies that said that there is no answer
	RefusedMS    float64        `json:"refused_ms,omitempty"`     // the longest wait for one of these
	Overtaken    Overtaken      `json:"overtaken,omitzero"`
	Broken       int            `json:"broken,omitempty"`   // connections that the server cut off outside of a request
	Received     int            `json:"received,omitempty"` // messages, of members of a room
	Disorder     int            `json:"disorder,omitempty"` // of these, those that did not follow on the one before
	CloseCode    int            `json:"close_code,omitempty"`
}

// Overtaken is how many replies other clients received while a client of the group waited for its own.
type Overtaken struct {
	P50 int `json:"p50"`
	Max int `json:"max"`
}

// Stuck is a call in which a thread waited.
type Stuck struct {
	Call   string  `json:"call"`
	FD     int     `json:"fd"` // -1: none
	TookMS float64 `json:"took_ms"`
	Site   *Site   `json:"site,omitempty"` // nil: unknown
}

// Held is how many processes of the server had connections, and the groups of those connections.
type Held struct {
	Processes int            `json:"processes"`
	Clients   map[string]int `json:"clients"`
}

func (o *Observed) check() error {
	if o == nil {
		return nil
	}
	if field, err := walk(reflect.ValueOf(o), inRange); err != nil {
		return fmt.Errorf("%s: %w", field, err)
	}
	if o.Stuck != nil && o.Stuck.Site != nil {
		if err := o.Stuck.Site.check(); err != nil {
			return fmt.Errorf(".stuck.site%w", err)
		}
	}
	return nil
}

// inRange refuses a number that cannot be a count, a time, or a descriptor.
func inRange(v reflect.Value) error {
	switch {
	case v.CanInt():
		return numbers(float64(v.Int() + 1)) // -1 stands for no descriptor
	case v.CanFloat():
		return numbers(v.Float())
	}
	return nil
}
