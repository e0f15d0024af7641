// Package traffic plays a script against a server: it has the clients, and the backend that the server asks.
package traffic

import (
	"context"
	"sync"
	"time"

	"era/lab/scenario"
	"era/runnable/kit/trace"
)

// What is a kind of event.
type What string

// The events of a client, in about this order.
const (
	Connecting What = "connecting"
	Connected  What = "connected" // Port is known from here on
	Begun      What = "begun"     // the first bytes of a request are on their way, not all
	Sent       What = "sent"      // the kernel has taken the last byte of a request
	Holding    What = "holding"   // the client stops reading while a reply is due
	Resumed    What = "resumed"   // it reads
	Started    What = "started"   // the first byte of a reply's body has come, and not yet the last
	Heard      What = "heard"     // a message of the room; Why is set if it is not the next one of its sender
	Answered   What = "answered"  // a reply is complete; Wanted is when the script wanted its request sent
	Failed     What = "failed"    // a request has no reply and will have none, or has a wrong reply: Why
	Broken     What = "broken"    // the connection failed or ended, outside of a request: Why
	Closed     What = "closed"    // the client has finished, whatever came before
)

// Event is something that happened to a client.
type Event struct {
	At      int64 // ns, CLOCK_MONOTONIC: the clock of the traces
	What    What
	Client  int   // index into the script's clients
	Port    int   // the client's own
	Request int   // number of the request on its connection, from 1; of Heard, of the message
	Wanted  int64 // of Answered, and of Failed if there was a reply nevertheless; else 0
	First   int64 // of Answered over HTTP: when the first byte of the reply's body came; else 0
	Pieces  int   // of Answered over HTTP: how often more of the body came
	Code    int   // of Closed: that of the server's close frame; 0 if there was none
	Why     string
}

// Play plays the script against the server at addr, once for all clients, and returns when all have finished. The clock
// of the script begins at start. ctx ends it early: requests that are unanswered then have failed. The observer is
// called from many goroutines.
func Play(ctx context.Context, start time.Time, script scenario.Script, addr string, observe func(Event)) {
	zero := trace.Now() - uint64(time.Since(start))
	var all sync.WaitGroup
	for i, c := range script.Clients {
		all.Go(func() {
			p := &player{Client: c, number: i, start: start, zero: int64(zero), observe: observe, wanted: start.Add(c.Start)}
			p.play(ctx, addr)
		})
	}
	all.Wait()
}
