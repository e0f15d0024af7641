package asgi

import "time"

// stream is a connection on one of the engines.
type stream interface {
	// Take waits until something has arrived and returns it; it is good until the next Take. The end of the client's
	// side is io.EOF.
	Take() ([]byte, error)
	// Write puts bytes into the connection's buffer. It takes no notice of how full that is: see Drain.
	Write(p []byte) (int, error)
	// Drain waits while the buffer is too full.
	Drain() error
	// Watch waits until the client has ended its side, or for Unwatch. What arrives meanwhile is kept for Take.
	Watch()
	// Unwatch ends Watch, and the next one at once, until Rewatch.
	Unwatch()
	Rewatch()
	// Within aborts the connection when d has passed, unless it is called again; 0 takes that back.
	Within(d time.Duration)
	CloseWrite() // the client reads our end of file when it has read all else
	Close()      // when all is written
	Abort()      // now, and the client reads a reset
	Addresses() (client, server Address)
}
