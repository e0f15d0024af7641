package cli

import (
	"context"
	"flag"
	"fmt"
	"io"

	"era/lab/traffic"
)

// Backend runs the backend by itself until ctx ends, for servers that are started by hand.
func Backend(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("serve backend", flag.ContinueOnError)
	flags.SetOutput(stderr)
	// The default is where servers look for it: see kit/job.
	addr := flags.String("addr", "127.0.0.1:8081", "listen on `HOST:PORT` of this machine; port 0 takes a free one")
	if status, done := Parse(flags, args); done {
		return status
	}
	b, err := traffic.StartBackendAt(*addr)
	if err != nil {
		return Report(stderr, err)
	}
	defer b.Close()
	fmt.Fprintf(stdout, "listening on %s\nThe servers' backend: one line in, one line out. To ask it yourself: "+
		"curl \"http://%[1]s/?delay=50\"\nCtrl-C ends it.\n", b.Addr)
	<-ctx.Done()
	return ok
}
