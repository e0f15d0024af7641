package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"era/lab/recording"
)

// The test binary plays a crowd of strangers when this is set to the address of a serve.
const beStrangers = "ERA_TEST_STRANGERS"

// What strangers do: open connections that are silent, that send or read slowly, and ask for pages.
const (
	idle       = 2000
	slow       = 1000
	pagesASec  = 500
	comesAgain = 5 * time.Second // after its connection was cut
)

// strangers crowds a serve until its standard input ends, and then writes how many pages a second it got.
func strangers(addr string) {
	var here sync.WaitGroup
	crowd := func(n int, each func(net.Conn)) {
		for i := range n {
			here.Add(1)
			go func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				for first := true; ; first = false {
					c, err := net.Dial("tcp", addr)
					if first {
						here.Done()
					}
					if err == nil {
						each(c)
						c.Close()
					}
					time.Sleep(comesAgain)
				}
			}()
		}
	}
	head := "GET /blocking.html HTTP/1.1\r\nHost: " + addr + "\r\n"
	crowd(idle, func(c net.Conn) { io.Copy(io.Discard, c) })
	crowd(slow/3, func(c net.Conn) { drip(c, head+"X: "+strings.Repeat("x", 1000)) })
	crowd(slow/3, func(c net.Conn) {
		io.WriteString(c, "POST /lab/enter HTTP/1.1\r\nHost: "+addr+"\r\nContent-Type: application/json\r\nX-Era: 1\r\nContent-Length: 1000\r\n\r\n")
		drip(c, strings.Repeat(" ", 1000))
	})
	crowd(slow/3, func(c net.Conn) {
		for range 100 { // pages, of which one byte a second is read
			io.WriteString(c, head+"\r\n")
		}
		one := make([]byte, 1)
		for {
			if _, err := c.Read(one); err != nil {
				return
			}
			time.Sleep(time.Second)
		}
	})
	here.Wait()
	fmt.Println("here")
	began := time.Now()
	var pages atomic.Int64
	go func() {
		io.Copy(io.Discard, os.Stdin)
		fmt.Println(int(float64(pages.Load()) / time.Since(began).Seconds()))
		os.Exit(0)
	}()
	transport := &http.Transport{MaxIdleConnsPerHost: 16, DisableCompression: true}
	for tick := time.Tick(time.Second / pagesASec); ; <-tick {
		go func() {
			request, _ := http.NewRequest("GET", "http://"+addr+"/blocking.html", nil)
			request.Header.Set("Accept-Encoding", "gzip")
			if r, err := transport.RoundTrip(request); err == nil {
				io.Copy(io.Discard, r.Body)
				r.Body.Close()
				pages.Add(1)
			}
		}()
	}
}

// drip sends a byte a second.
func drip(c net.Conn, text string) {
	for i := range text {
		if _, err := c.Write([]byte{text[i]}); err != nil {
			return
		}
		time.Sleep(time.Second)
	}
}

// reader is a person who reads the book and runs experiments.
type reader struct {
	t    testing.TB
	addr string
	conn *websocket.Conn
}

func newReader(t testing.TB, addr, key string) *reader {
	t.Helper()
	token := enter(t, http.DefaultClient, addr, key)
	conn, _, err := websocket.Dial(context.Background(), "ws://"+addr+"/lab/live", &websocket.DialOptions{
		Subprotocols: []string{"era", "right." + token}, HTTPHeader: http.Header{"Origin": {"http://" + addr}},
	})
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(64 << 20)
	t.Cleanup(func() { conn.CloseNow() })
	return &reader{t, addr, conn}
}

// run runs an experiment through the page's socket, and returns its result.
func (r *reader) run() recording.Result {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	request := `{"type":"run","servers":["threads","select"],"scenario":"one-slow","settings":{"pause":1000},"seed":1}`
	if err := r.conn.Write(ctx, websocket.MessageText, []byte(request)); err != nil {
		r.t.Fatal(err)
	}
	for {
		_, data, err := r.conn.Read(ctx)
		if err != nil {
			r.t.Fatal(err)
		}
		var frame struct {
			Type, Text string
			Result     recording.Result
		}
		if err := json.Unmarshal(data, &frame); err != nil {
			r.t.Fatal(err)
		}
		switch frame.Type {
		case "error":
			r.t.Fatalf("the run failed: %s", frame.Text)
		case "done":
			return frame.Result
		}
	}
}

// read gets a page again and again until stop is closed, and returns how long each took, in ms.
func (r *reader) read(stop <-chan struct{}) (took []float64) {
	for tick := time.Tick(20 * time.Millisecond); ; <-tick {
		select {
		case <-stop:
			return took
		default:
		}
		began := time.Now()
		response, err := http.Get("http://" + r.addr + "/select.html")
		if err != nil {
			r.t.Errorf("the reader gets no page: %v", err)
			return took
		}
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			r.t.Errorf("the reader gets a page with %s", response.Status)
		}
		took = append(took, float64(time.Since(began))/1e6)
	}
}

// BenchmarkStrangers measures how strangers affect a reader's pages and runs, alternating rounds without and with them.
// It prints the medians of all rounds, in ms:
//
//	go test ./cmd/serve -run '^$' -bench Strangers
func BenchmarkStrangers(b *testing.B) {
	const rounds, runs = 3, 3
	// The reader's own cache, as serve would otherwise build all servers during the measurements.
	serve := onFreePort(b)
	serve.Env = append(serve.Env, "XDG_CACHE_HOME="+os.Getenv("XDG_CACHE_HOME"))
	addr, key := started(b, serve)
	r := newReader(b, addr, key)
	r.run() // builds what the runs need
	figures := [2]map[string][]float64{{}, {}}
	for range rounds {
		for with := range 2 {
			gone := func() int { return 0 }
			if with == 1 {
				gone = come(b, addr)
			}
			stop := make(chan struct{})
			read := make(chan []float64)
			go func() { read <- r.read(stop) }()
			for range runs {
				for _, s := range r.run().Servers {
					fast := s.PerGroup["fast"].Latency
					note(figures[with], "run p50", fast.P50)
					note(figures[with], "run p99", fast.P99)
				}
			}
			close(stop)
			pages := <-read
			slices.Sort(pages)
			note(figures[with], "page p50", pages[len(pages)/2])
			note(figures[with], "page p99", pages[len(pages)*99/100])
			if n := gone(); with == 1 {
				note(figures[1], "strangers", float64(n))
			}
		}
	}
	for _, name := range []string{"page p50", "page p99", "run p50", "run p99"} {
		without, with := median(figures[0][name]), median(figures[1][name])
		b.Logf("%s: %.2f ms without strangers, %.2f ms with them: times %.2f", name, without, with, with/without)
		b.ReportMetric(with/without, strings.ReplaceAll(name, " ", "-")+"-ratio")
	}
	b.Logf("strangers: %d idle, %d slow, %.0f pages a second", idle, slow, median(figures[1]["strangers"]))
}

// note adds a figure of a round.
func note(to map[string][]float64, name string, figure float64) { to[name] = append(to[name], figure) }

func median(figures []float64) float64 {
	slices.Sort(figures)
	return figures[len(figures)/2]
}

// come starts the strangers, and waits until they are connected. gone ends them, and returns how many pages a second
// they got.
func come(t testing.TB, addr string) (gone func() int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), beStrangers+"="+addr)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	if line, err := lines.ReadString('\n'); line != "here\n" {
		t.Fatalf("the strangers do not come: %q, %v", line, err)
	}
	gone = sync.OnceValue(func() (pages int) {
		stdin.Close()
		fmt.Fscan(lines, &pages)
		cmd.Wait()
		return pages
	})
	t.Cleanup(func() { gone() })
	return gone
}

// TestFewDescriptors: with 256 descriptors, 400 connections of strangers neither keep the reader out nor keep an
// experiment from running.
func TestFewDescriptors(t *testing.T) {
	plain := onFreePort(t)
	serve := exec.Command("sh", append([]string{"-c", `ulimit -n 256; exec "$0" "$@"`, plain.Path}, plain.Args[1:]...)...)
	serve.Env = plain.Env
	addr, key := started(t, serve)
	crowd := func() {
		for i := range 400 {
			c, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.Close() })
			if i%2 == 0 {
				io.WriteString(c, "GET / HTTP/1.1\r\nHost: "+addr+"\r\n\r\n") // and keeps the connection open
			}
		}
	}
	crowd()
	r := newReader(t, addr, key)
	crowd()
	response, err := http.Get("http://" + addr + "/")
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("GET /: %v, %v", response, err)
	}
	response.Body.Close()
	for _, s := range r.run().Servers {
		if got := s.PerGroup["fast"].Requests; got.Answered == 0 || got.Failed > 0 {
			t.Errorf("%s: %d answered, %d failed", s.ID, got.Answered, got.Failed)
		}
	}
}
