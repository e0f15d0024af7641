// Package job has the parts that all servers of the book start with, and the handler of the blocking ones.
package job

import (
	"flag"
	"fmt"
	"log"

	"era/runnable/kit/sys"
)

// Flags reads the two flags that every server takes: -addr, where it listens, and -backend, which it asks. A server
// with more flags defines them before.
func Flags() (addr, backend sys.Addr) {
	log.SetFlags(0)
	listen := flag.String("addr", "127.0.0.1:8080", "`address` to listen on; port 0 takes any free port")
	ask := flag.String("backend", "127.0.0.1:8081", "`address` of the backend that /ask asks")
	flag.Parse()
	if flag.NArg() > 0 {
		log.Fatalf("unexpected argument %q", flag.Arg(0))
	}
	addr, err := sys.ParseAddr(*listen)
	if err != nil {
		log.Fatalf("-addr: %v", err)
	}
	backend, err = sys.ParseAddr(*ask)
	if err != nil {
		log.Fatalf("-backend: %v", err)
	}
	return addr, backend
}

// Listen opens a listening socket and prints its address on standard output.
func Listen(addr sys.Addr) (listener int) {
	listener, err := sys.Socket(sys.AF_INET, sys.SOCK_STREAM, 0)
	if err != nil {
		log.Fatalf("socket: %v", err)
	}
	if err := sys.ReuseAddr(listener); err != nil {
		log.Fatalf("setsockopt: %v", err)
	}
	if err := sys.Bind(listener, addr); err != nil {
		log.Fatalf("bind %v: %v", addr, err)
	}
	// From here on the kernel completes connections by itself, and keeps up to 128 of them until we accept.
	if err := sys.Listen(listener, 128); err != nil {
		log.Fatalf("listen: %v", err)
	}
	bound, err := sys.Getsockname(listener) // with port 0, only the kernel knows which port it took
	if err != nil {
		log.Fatalf("getsockname: %v", err)
	}
	fmt.Printf("listening on %v\n", bound)
	return listener
}
