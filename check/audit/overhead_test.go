//go:build linux

package audit_test

import (
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"era/catalogue"
	"era/runnable/kit/trace"
)

// BenchmarkTracing compares what a server answers with and without tracing, in turns in one run, so that whatever else
// the machine does meets both. It reports the medians of requests per second and the difference in percent.
//
//	go test ./check/audit -run '^$' -bench Tracing -benchtime 15x
func BenchmarkTracing(b *testing.B) {
	for _, name := range []string{"select", "select/c", "select/python", "threads", "threads/c", "threads/python"} {
		b.Run(name, func(b *testing.B) {
			v, err := catalogue.Find(name)
			if err != nil {
				b.Fatal(err)
			}
			argv, preload := build(b, v, b.TempDir())
			var off, on []float64
			for b.Loop() {
				off = append(off, throughput(b, argv, nil))
				path := filepath.Join(b.TempDir(), "trace")
				r, err := trace.Create(path, 1<<16)
				if err != nil {
					b.Fatal(err)
				}
				stop := drain(r)
				on = append(on, throughput(b, argv, []string{trace.Env + "=" + path, "LD_PRELOAD=" + preload}))
				stop()
				r.Close()
				os.Remove(path)
			}
			before, after := median(off), median(on)
			b.ReportMetric(0, "ns/op") // the servers' start and stop are in it
			b.ReportMetric(before, "off/s")
			b.ReportMetric(after, "on/s")
			b.ReportMetric(100*(after-before)/before, "%")
		})
	}
}

// throughput returns how many requests per second a fresh server answers to twenty clients.
func throughput(b *testing.B, argv, env []string) float64 {
	cmd := exec.Command(argv[0], append(argv[1:], "-addr", "127.0.0.1:0")...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	addr, stop := listening(b, cmd, cmd.Start)
	defer stop()

	const clients, each = 20, 2000
	began := time.Now()
	var asking sync.WaitGroup
	for range clients {
		asking.Go(func() {
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				b.Error(err)
				return
			}
			defer conn.Close()
			reply := make([]byte, len("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nhello\n"))
			for range each {
				if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
					b.Error(err)
					return
				}
				if _, err := io.ReadFull(conn, reply); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	asking.Wait()
	return clients * each / time.Since(began).Seconds()
}

// drain takes the events, as the lab does while a server runs.
func drain(r *trace.Reader) (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				return
			case <-tick.C:
			}
			for _, ok := r.Next(); ok; _, ok = r.Next() {
			}
		}
	}()
	return func() { close(quit); <-done }
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
