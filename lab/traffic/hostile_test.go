package traffic

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"era/catalogue"
	"era/lab/scenario"
)

// A server that sends more than was asked for is left with an error: its clients do not keep what it sends.
func TestServersThatSayTooMuch(t *testing.T) {
	endless := func(c net.Conn, text string) {
		for much := bytes.Repeat([]byte(text), 1000); ; {
			if _, err := c.Write(much); err != nil {
				return
			}
		}
	}
	member, key := talker(t, "websocket", scenario.Settings{"talkers": 1, "listeners": 0, "messages": 3, "gap": 20}), ""
	member.GiveUp = time.Minute // on a busy machine, 100,000 messages take their time
	for _, step := range member.Steps {
		if step.Do == scenario.Hear {
			key = step.Want
		}
	}
	upgrade := func(c net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(c)); err != nil {
			t.Error(err)
		}
		io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: "+key+"\r\n\r\n")
	}
	line := scenario.Client{Name: "line", Group: "line", Speaks: catalogue.Echo, GiveUp: 10 * time.Second,
		Steps: []scenario.Step{
			{Do: scenario.Send, Bytes: []byte("line\n")}, {Do: scenario.Receive, N: 1}}}
	for name, c := range map[string]struct {
		client scenario.Client
		say    func(c net.Conn)
		want   string
	}{
		"a line without end": {line, func(c net.Conn) { endless(c, "x") }, "a line of more than"},
		"a frame of 4 EiB": {member, func(c net.Conn) {
			upgrade(c)
			c.Write(binary.BigEndian.AppendUint64([]byte{0x81, 127}, 1<<62))
			io.Copy(io.Discard, c)
		}, "a frame of 4611686018427387904 bytes"},
		"messages without end": {member, func(c net.Conn) {
			upgrade(c)
			frame, _ := ws.CompileFrame(ws.NewTextFrame([]byte("one: 1 ")))
			endless(c, string(frame))
		}, "messages of"},
		"a head without end": {member, func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\n")
			endless(c, "A: "+strings.Repeat("b", 1000)+"\r\n")
		}, "a head of more than"},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp4", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				if conn, err := l.Accept(); err == nil {
					defer conn.Close()
					c.say(conn)
				}
			}()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			why := ""
			Play(t.Context(), time.Now(), scenario.Script{Clients: []scenario.Client{c.client}}, l.Addr().String(),
				func(e Event) {
					if e.What == Closed {
						why = e.Why
					}
				})
			runtime.ReadMemStats(&after)
			if !strings.Contains(why, c.want) {
				t.Errorf("the client ended because %q, want %q", why, c.want)
			}
			if grown := int64(after.HeapAlloc - before.HeapAlloc); grown > 32<<20 {
				t.Errorf("%d MiB more on the heap, want less than 32", grown>>20)
			}
		})
	}
}
