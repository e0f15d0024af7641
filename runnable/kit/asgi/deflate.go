package asgi

import (
	"bytes"
	"compress/flate"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/gobwas/ws"

	"era/runnable/kit/http1"
)

// Messages are compressed for the clients that can read it: permessage-deflate, RFC 7692. Each is compressed by itself
// (no context takeover). To refer to earlier ones would make it shorter, and would take a compressor of 1.2 MB for each
// connection, kept as long as that is open.

// deflateFrom is how many bytes a message has that is worth it.
const deflateFrom = 256

// A compressed message ends with a flush, whose last bytes are not sent, for they are always the same (section 7.2.1).
// An empty last block behind them tells the reader that this is all.
const (
	flushed   = "\x00\x00\xff\xff"
	lastBlock = "\x01\x00\x00\xff\xff"
)

// acceptDeflate answers the first of the client's offers that we can keep to; "" if there is none (section 5.1). How far
// back a message refers to itself cannot be chosen with compress/flate: it is up to 2^15 bytes, or no compression.
func acceptDeflate(head *http1.Head) (answer string) {
	// a comma is in no value, which is a token even in quotes
	for _, offer := range list(head, "Sec-WebSocket-Extensions") {
		asked, ok := parseOffer(offer)
		if !ok {
			continue
		}
		answer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
		if asked["server_max_window_bits"] != "" {
			answer += "; server_max_window_bits=15"
		}
		return answer
	}
	return ""
}

// offered are the parameters of an offer, and the values that each may have; "" is for none (section 7.1).
var offered = map[string][]string{
	"server_no_context_takeover": {""},
	"client_no_context_takeover": {""},
	"server_max_window_bits":     {"15"},
	"client_max_window_bits":     {"", "8", "9", "10", "11", "12", "13", "14", "15"},
}

// parseOffer reads an offer. One that we cannot keep to is not ok: of another extension, or with a parameter that is not
// known, has a value that it may not have, or is there twice.
func parseOffer(offer string) (asked map[string]string, ok bool) {
	name, parameters, more := strings.Cut(offer, ";")
	if strings.Trim(name, " \t") != "permessage-deflate" {
		return nil, false
	}
	asked = map[string]string{}
	for more {
		var parameter string
		parameter, parameters, more = strings.Cut(parameters, ";")
		key, value, is := strings.Cut(parameter, "=")
		key, value = strings.Trim(key, " \t"), strings.Trim(value, " \t")
		if len(value) > 2 && value[0] == '"' && value[len(value)-1] == '"' {
			value = value[1 : len(value)-1]
		}
		_, twice := asked[key]
		if twice || is && value == "" || !slices.Contains(offered[key], value) {
			return nil, false
		}
		asked[key] = value
	}
	return asked, true
}

// frame is one that is whole: with a compressed message, if the client can read it and it gains something.
func (s *socket) frame(op ws.OpCode, payload []byte) ws.Frame {
	if s.deflates && op.IsData() && len(payload) >= deflateFrom {
		if packed := s.c.server.deflater.deflate(payload); len(packed) < len(payload) {
			f := ws.NewFrame(op, true, packed)
			f.Header.Rsv = ws.Rsv(true, false, false)
			return f
		}
	}
	return ws.NewFrame(op, true, payload)
}

// deflater compresses one message at a time, and keeps the last: in a room all hear the same words, and whoever comes
// second finds them done. Done for each of 200 members, a word of 16 KiB takes two and a half times as much of the
// processor (BenchmarkRoom); done once, about as much as if it were not compressed. A pool of compressors, one for each
// goroutine that is at it, took the server to 107 MiB there; the lock leaves it at 23.
type deflater struct {
	mu     sync.Mutex // never held while waiting
	w      *flate.Writer
	plain  string
	packed []byte
}

func (d *deflater) deflate(message []byte) (packed []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.plain == string(message) {
		return d.packed
	}
	var out bytes.Buffer
	if d.w == nil {
		d.w, _ = flate.NewWriter(nil, flate.BestSpeed) // fails for levels that do not exist
	}
	d.w.Reset(&out)
	d.w.Write(message) // a buffer takes all, so neither fails
	d.w.Flush()
	d.plain, d.packed = string(message), bytes.TrimSuffix(out.Bytes(), []byte(flushed))
	return d.packed
}

var inflaters = sync.Pool{New: func() any { return flate.NewReader(nil) }} // 40 KB each

// inflate is what a compressed message says, in most bytes at most: a kilobyte may hold a megabyte.
func inflate(packed *bytes.Buffer, most int64) ([]byte, error) {
	r := inflaters.Get().(io.Reader)
	defer inflaters.Put(r)
	packed.WriteString(flushed + lastBlock)
	r.(flate.Resetter).Reset(packed, nil) // has no way to fail
	message, err := io.ReadAll(io.LimitReader(r, most+1))
	switch {
	case int64(len(message)) > most:
		return nil, fail(ws.StatusMessageTooBig)
	case err != nil:
		return nil, fail(ws.StatusInvalidFramePayloadData)
	}
	return message, nil
}
