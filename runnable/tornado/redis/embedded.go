package main

import (
	"flag"
	"log"

	"github.com/alicebob/miniredis/v2"

	"era/runnable/kit/sys"
)

// choose returns the address of the Redis to ask: the named one, or the backend if that flag was given, or an embedded
// one.
func choose(named string, backend sys.Addr) sys.Addr {
	if named == "" {
		flag.Visit(func(f *flag.Flag) { // only flags that were given
			if f.Name == "backend" {
				named = backend.String()
			}
		})
	}
	if named == "" {
		named = embedded()
	}
	addr, err := sys.ParseAddr(named)
	if err != nil {
		log.Fatalf("-redis: %v", err)
	}
	return addr
}

// embedded starts a Redis that is written in Go, and returns its address. It ends with the program.
func embedded() string {
	server, err := miniredis.Run()
	if err != nil {
		log.Fatalf("start a Redis: %v", err)
	}
	log.Printf("the embedded Redis listens on %s", server.Addr())
	return server.Addr()
}
