//go:build linux || darwin

package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// BenchmarkRoom measures how long a word of 16 KiB takes from the speaker to 199 others, while one more member only
// listens, or is stalled and asked to leave in the end. The stalled member must cost the others nothing. The memory is
// the server's peak (Linux), the processor's time is the server's. In one room the clients compress, in another not.
//
//	go test ./runnable/asgi -run '^$' -bench Room -benchtime 1x
func BenchmarkRoom(b *testing.B) {
	const rounds = 3
	program := filepath.Join(b.TempDir(), "asgi")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	for name, argv := range map[string][]string{
		"loop": {program}, "goroutines": {program, "-engine", "goroutines"}, "python": {"python3", "server.py"},
	} {
		for mode, way := range map[websocket.CompressionMode]string{websocket.CompressionDisabled: "plain",
			websocket.CompressionNoContextTakeover: "deflate"} {
			b.Run(name+"/"+way, func(b *testing.B) {
				var p99, cpu [2][]time.Duration
				var most [2][]float64
				for range rounds { // in turns, so that other load on the machine affects both
					for stalled := range 2 {
						took, worked, memory := speak(b, argv, stalled == 1, mode)
						p99[stalled] = append(p99[stalled], took)
						cpu[stalled] = append(cpu[stalled], worked)
						most[stalled] = append(most[stalled], memory)
					}
				}
				b.ReportMetric(0, "ns/op") // of nothing
				b.ReportMetric(ms(median(cpu[0])), "cpu-ms/word")
				b.ReportMetric(ms(median(p99[0])), "p99-ms")
				b.ReportMetric(ms(median(p99[1])), "p99-ms-stalled")
				b.ReportMetric(ms(median(p99[1]))/ms(median(p99[0])), "ratio")
				b.ReportMetric(median(most[0]), "MiB")
				b.ReportMetric(median(most[1]), "MiB-stalled")
			})
		}
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func median[T float64 | time.Duration](all []T) T {
	slices.Sort(all)
	return all[len(all)/2]
}

// spawn starts a server; it ends with the test.
func spawn(b *testing.B, argv []string) (addr string, cmd *exec.Cmd) {
	cmd = exec.Command(argv[0], append(argv[1:], "-addr", "127.0.0.1:0")...)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait() // it may have ended before
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(strings.TrimPrefix(line, "listening on ")), cmd
}

// most returns the peak of a process's memory in MiB; 0 where the system does not report it.
func most(cmd *exec.Cmd) (mib float64) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
	if err != nil {
		return 0
	}
	if _, after, ok := strings.Cut(string(status), "VmHWM:"); ok {
		fmt.Sscan(after, &mib) // in KiB
	}
	return mib / 1024
}

// speak fills a room. It returns the 99th percentile of a word's time, the server's processor time for a word, and its
// memory.
func speak(
	b *testing.B, argv []string, stalled bool, mode websocket.CompressionMode,
) (p99, cpu time.Duration, memory float64) {
	const members, words = 199, 200
	addr, cmd := spawn(b, argv)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	last := join(b, ctx, addr, stalled, mode)
	if !stalled {
		go func() {
			for {
				if _, _, err := last.Read(ctx); err != nil {
					return
				}
			}
		}()
	}
	received := make(chan time.Time, members)
	var all []*websocket.Conn
	for range members {
		conn := join(b, ctx, addr, false, mode)
		all = append(all, conn)
		go func() {
			for {
				if _, _, err := conn.Read(ctx); err != nil {
					return
				}
				received <- time.Now()
			}
		}()
	}
	var took []time.Duration
	word := []byte(chatter(16 << 10))
	for n := range words {
		copy(word, fmt.Sprintf("%06d", n)) // another each time
		said := time.Now()
		if err := all[0].Write(ctx, websocket.MessageText, word); err != nil {
			b.Fatal(err)
		}
		for range members {
			select {
			case at := <-received:
				took = append(took, at.Sub(said))
			case <-ctx.Done():
				b.Fatal("the room hangs")
			}
		}
	}
	for _, conn := range append(all, last) {
		conn.CloseNow()
	}
	memory = most(cmd)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		b.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		b.Fatal(err)
	}
	slices.Sort(took)
	return took[len(took)*99/100], (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()) / words, memory
}
