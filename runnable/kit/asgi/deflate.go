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

// Messages are compressed for the clients that support it: permessage-deflate, RFC 7692. Each is compressed by itself
// (no context takeover). References to earlier messages would make it shorter, but would need a compressor of 1.2 MB
// for each open connection.

// deflateFrom is the smallest size in bytes of a message that is worth compressing.
const deflateFrom = 256

// A compressed message ends with a flush, whose last bytes are always the same and not sent (section 7.2.1). An empty
// last block after them tells the reader that the message has ended.
const (
	flushed   = "\x00\x00\xff\xff"
	lastBlock = "\x01\x00\x00\xff\xff"
)

// acceptDeflate returns the answer to the first acceptable offer of the client; "" if no offer is (section 5.1).
// compress/flate has a fixed window of 2^15 bytes: a smaller one means no compression.
func acceptDeflate(head *http1.Head) (answer string) {
	for _, offer := range list(head, "Sec-WebSocket-Extensions") { // no value has a comma: it is a token even in quotes
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

// offered are the parameters of an offer, and the values that each may have; "" means no value (section 7.1).
var offered = map[string][]string{
	"server_no_context_takeover": {""},
	"client_no_context_takeover": {""},
	"server_max_window_bits":     {"15"},
	"client_max_window_bits":     {"", "8", "9", "10", "11", "12", "13", "14", "15"},
}

// parseOffer reads an offer. ok is false for another extension, and for a parameter that is unknown, has a wrong value,
// or occurs twice.
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

// frame returns a whole frame: with a compressed message, if the client supports it and it is shorter.
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

// deflater compresses one message at a time, and keeps the last: all members of a room receive the same message, which
// is compressed for the first and reused for the others. Compressing a message of 16 KiB for each of 200 members takes
// two and a half times as much processor time (BenchmarkRoom); compressing it once takes about as much as no
// compression. With a pool of compressors, one for each compressing goroutine, the server grew to 107 MiB there; with
// the lock it stays at 23.
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
		d.w, _ = flate.NewWriter(nil, flate.BestSpeed) // fails only for unknown levels
	}
	d.w.Reset(&out)
	d.w.Write(message) // into a buffer: neither can fail
	d.w.Flush()
	d.plain, d.packed = string(message), bytes.TrimSuffix(out.Bytes(), []byte(flushed))
	return d.packed
}

var inflaters = sync.Pool{New: func() any { return flate.NewReader(nil) }} // 40 KB each

// inflate decompresses a message of at most most bytes: a kilobyte may expand to a megabyte.
func inflate(packed *bytes.Buffer, most int64) ([]byte, error) {
	r := inflaters.Get().(io.Reader)
	defer inflaters.Put(r)
	packed.WriteString(flushed + lastBlock)
	r.(flate.Resetter).Reset(packed, nil) // cannot fail
	message, err := io.ReadAll(io.LimitReader(r, most+1))
	switch {
	case int64(len(message)) > most:
		return nil, fail(ws.StatusMessageTooBig)
	case err != nil:
		return nil, fail(ws.StatusInvalidFramePayloadData)
	}
	return message, nil
}
