//go:build linux || darwin

package main

import (
	"context"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"era/runnable/kit/asgi"
)

// BenchmarkRoom: how long a word of 16 KiB takes from the speaker to 199 others, while one more is silent, or deaf and
// left behind in the end. The deaf one must cost the others nothing.
//
//	go test ./runnable/asgi -run '^$' -bench Room -benchtime 1x
func BenchmarkRoom(b *testing.B) {
	const rounds, words = 3, 200
	p99 := map[bool][]time.Duration{}
	before := memory()
	for range rounds { // in turns, so that whatever else the machine does meets both
		for _, deaf := range []bool{false, true} {
			p99[deaf] = append(p99[deaf], speak(b, words, deaf))
		}
	}
	for _, all := range p99 {
		slices.Sort(all)
	}
	b.ReportMetric(0, "ns/op") // of nothing
	b.ReportMetric(float64(p99[false][rounds/2].Microseconds()), "p99-µs")
	b.ReportMetric(float64(p99[true][rounds/2].Microseconds()), "p99-µs-deaf")
	b.ReportMetric(float64(p99[true][rounds/2])/float64(p99[false][rounds/2]), "ratio")
	b.ReportMetric(float64(memory()-before)/(1<<20), "MiB-grown")
}

func memory() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// speak fills a room, and returns the 99th percentile of how long a word takes.
func speak(b *testing.B, words int, deaf bool) time.Duration {
	const members = 199
	listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		b.Fatal(err)
	}
	server := &asgi.Server{App: newApp(asgi.OnGoroutines, netip.MustParseAddrPort("127.0.0.1:1")), Linger: time.Second}
	over := make(chan error, 1)
	go func() { over <- server.ServeOnGoroutines(listener) }()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	addr := listener.Addr().String()
	last := join(b, ctx, addr, deaf)
	if !deaf {
		go func() {
			for {
				if _, _, err := last.Read(ctx); err != nil {
					return
				}
			}
		}()
	}
	heard := make(chan time.Time, members)
	var all []*websocket.Conn
	for range members {
		conn := join(b, ctx, addr, false)
		all = append(all, conn)
		go func() {
			for {
				if _, _, err := conn.Read(ctx); err != nil {
					return
				}
				heard <- time.Now()
			}
		}()
	}
	var took []time.Duration
	word := []byte(strings.Repeat(".", 16<<10))
	for range words {
		said := time.Now()
		if err := all[0].Write(ctx, websocket.MessageText, word); err != nil {
			b.Fatal(err)
		}
		for range members {
			select {
			case at := <-heard:
				took = append(took, at.Sub(said))
			case <-ctx.Done():
				b.Fatal("the room stands still")
			}
		}
	}
	for _, conn := range append(all, last) {
		conn.CloseNow()
	}
	server.Stop()
	if err := <-over; err != nil {
		b.Fatal(err)
	}
	slices.Sort(took)
	return took[len(took)*99/100]
}
