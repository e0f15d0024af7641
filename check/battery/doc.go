// Package battery holds one test for all servers of the book in all their languages. It knows them as a client does: by
// their command line, their first line of output and the bytes on the wire. Every case ends with one more client, which
// must be answered.
package battery
