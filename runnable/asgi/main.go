// The ASGI server: an application that knows nothing of connections, below it a server that knows nothing of the
// application, and between them three arguments. The same application runs on the tasks of an event loop, or with
// "-engine goroutines" on goroutines; not a line of it differs.
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"era/runnable/kit/aio"
	"era/runnable/kit/asgi"
	"era/runnable/kit/job"
	"era/runnable/kit/sys"
)

func main() {
	engine := flag.String("engine", "loop", "what the application runs on: `loop` or goroutines")
	addr, backend := job.Flags()
	var err error
	switch *engine {
	case "loop":
		err = onLoop(addr, backend)
	case "goroutines":
		err = onGoroutines(addr, backend)
	default:
		err = errors.New("-engine: want loop or goroutines")
	}
	if err != nil {
		log.Fatal(err)
	}
}

func onLoop(addr, backend sys.Addr) error {
	listener := job.Listen(addr)
	return aio.Run(func(t *aio.Task) error {
		server := &asgi.Server{App: newApp(asgi.OnLoop(t), backend)}
		stopOnSignal(server)
		return server.ServeOnLoop(t, listener)
	})
}

func onGoroutines(addr, backend sys.Addr) error {
	runtime.UnlockOSThread() // kit/sys, which came with the flags, keeps main on one thread: not needed here
	listener, err := net.ListenTCP("tcp4", net.TCPAddrFromAddrPort(addr))
	if err != nil {
		return err
	}
	fmt.Printf("listening on %v\n", listener.Addr())
	server := &asgi.Server{App: newApp(asgi.OnGoroutines, backend)}
	stopOnSignal(server)
	return server.ServeOnGoroutines(listener)
}

// stopOnSignal lets the server finish the requests in flight on SIGINT (Ctrl-C) or SIGTERM. A second signal ends it at
// once.
func stopOnSignal(server *asgi.Server) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		signal.Reset(os.Interrupt, syscall.SIGTERM)
		server.Stop()
	}()
}
