package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"era/lab/cli"
	"era/lab/live"
	"era/lab/process"
	"era/site"
	"era/site/guard"
)

const stream = "lab/live" // of the lab's WebSocket, relative to the pages

// serve serves the book and the lab until ctx ends.
func serve(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.SetOutput(stderr)
	addr := flags.String("addr", "127.0.0.1:8492", "listen on `HOST:PORT`; port 0 takes a free one")
	open := flags.Bool("open", true, "open a browser")
	lan := flags.Bool("lan", false, "let other machines read the book; running needs the key, or a code that a page shows and you type here")
	if status, done := cli.Parse(flags, args); done {
		return status
	}
	w, status := newWorkshop(stderr)
	if w == nil {
		return status
	}
	// The reader of the output may go away, as head does: the pages are still served. SIGPIPE is caught and not
	// ignored, as programs that we start would inherit that.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	listener, err := guard.Listen(*addr, *lan)
	if err != nil {
		return cli.Report(stderr, addressInUse(*addr, err))
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{ReplaceAttr: guard.Redact}))
	g, err := guard.New(listener, guard.Options{LAN: *lan, Log: log, NewKey: func(url string) {
		if _, err := fmt.Fprintf(stdout, "the key was used; for another browser: %s\n", url); err != nil {
			fmt.Fprintf(stderr, "serve: the key was used, and the next one cannot be shown: %v. For another browser, start serve again\n", err)
		}
	}})
	if err != nil {
		return cli.Report(stderr, err)
	}
	endpoint := live.New(w.lab, g, w.builder.Available)
	options := site.Options{Stream: stream}
	if _, err := exec.LookPath("go"); err == nil { // a page's module is built when the page asks for it
		options.Module = modules(w.root, w.builder)
	}
	pages, ahead := site.New(w.files, options), process.NewAhead(w.builder)
	endpoint.Ahead = func(page string) { ahead.Want(pages.Programs(page)...) }
	mux := http.NewServeMux()
	mux.Handle("/"+stream, endpoint)
	mux.Handle("/", pages.Handler())
	server, crowd := g.Server(mux)
	fmt.Fprintf(stdout, "The Era of Asynchrony: %s\nThe key in the link lets one browser run experiments. Ctrl-C stops everything.\n", g.URL())
	if *lan {
		fmt.Fprintf(stdout, "Other machines read it under this machine's name or addresses, port %d.\n", listener.Addr().(*net.TCPAddr).Port)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(crowd) }()
	go readCommands(g, os.Stdin, stdout)
	if *open {
		if done, err := openBrowser(g); err != nil {
			fmt.Fprintf(stderr, "serve: %v; open the link yourself\n", err)
		} else {
			defer done()
		}
	}
	prepared := make(chan struct{})
	go func() {
		defer close(prepared)
		sweep(stderr)
		endpoint.Ahead("index.html") // before a page asks: a reader begins with the first chapter
		ahead.Run(ctx, func(err error) { fmt.Fprintf(stderr, "serve: a server could not be built ahead: %v\n", err) })
	}()

	select {
	case err = <-served:
	case <-ctx.Done():
		endpoint.Close() // stops what runs, and waits until nothing of it is left
		last, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if err = server.Shutdown(last); errors.Is(err, context.DeadlineExceeded) {
			err = server.Close() // a slow connection does not delay the end
		}
		select {
		case <-prepared: // a compiler is ended as well
		case <-last.Done(): // its supervisor will end it
		}
	}
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return cli.Report(stderr, err)
	}
	return 0
}

// addressInUse explains that the address is in use, and says so if the user is serve itself.
func addressInUse(addr string, err error) error {
	if !errors.Is(err, syscall.EADDRINUSE) {
		return err
	}
	const advice = "stop it, or take a free port with -addr 127.0.0.1:0"
	host, port, splitErr := net.SplitHostPort(addr)
	if splitErr != nil {
		return err
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	client := http.Client{Timeout: 10 * time.Second} // for a program that never answers
	page := "http://" + net.JoinHostPort(host, port) + "/"
	// Not a page: pages are made when they are first asked for.
	if response, err := client.Head(page + stream); err == nil {
		response.Body.Close()
		if response.Header.Get("Server") == guard.Server {
			return fmt.Errorf("it already runs at %s: the terminal where it was started shows the link with the key. "+
				"To start another, %s", page, advice)
		}
	}
	return fmt.Errorf("another program listens on %s: %s", addr, advice)
}
