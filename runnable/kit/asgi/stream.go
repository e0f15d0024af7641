package asgi

import "time"

// stream is a connection on one of the engines.
type stream interface {
	// Take waits until bytes have arrived and returns them; they are valid until the next Take. The client's end of
	// file is io.EOF.
	Take() ([]byte, error)
	// Write puts bytes into the connection's buffer. It never waits for room: see Drain.
	Write(p []byte) (int, error)
	// Drain waits while the buffer is too full.
	Drain() error
	// Watch waits until the client's end of file, or for Unwatch. Bytes that arrive meanwhile are kept for Take.
	Watch()
	// Unwatch ends Watch, and the next one at once, until Rewatch.
	Unwatch()
	Rewatch()
	// Within aborts the connection when d has passed, unless it is called again; 0 removes the limit.
	Within(d time.Duration)
	CloseWrite() // the client reads our end of file after all other bytes
	Close()      // when all is written
	Abort()      // now; the client reads a reset
	Addresses() (client, server Address)
}
