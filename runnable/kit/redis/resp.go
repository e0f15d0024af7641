package redis

import (
	"bytes"
	"fmt"
	"strconv"
)

// Kind is the first byte of a value on the wire.
type Kind byte

// The kinds of RESP, version 2 (redis.io, Redis serialization protocol specification).
const (
	Simple  Kind = '+' // a short text without line ends, such as OK
	Failed  Kind = '-' // what went wrong
	Integer Kind = ':'
	Bulk    Kind = '$' // bytes, preceded by their number
	Array   Kind = '*' // values, preceded by their number
	Null    Kind = '_' // nothing: on the wire a string or an array of length -1
)

// Value is one value that came from Redis.
type Value struct {
	Kind  Kind
	Text  string  // of Simple, Failed and Bulk
	Int   int64   // of Integer
	Items []Value // of Array
}

// Err returns the value as an Error, nil if it is not one. Look for those inside an array yourself.
func (v Value) Err() error {
	if v.Kind == Failed {
		return Error(v.Text)
	}
	return nil
}

// Error is what Redis answers to a command that it does not carry out. The connection is as good as before.
type Error string

func (e Error) Error() string { return "redis: " + string(e) }

// ProtocolError is what is wrong with the bytes that came. The connection is of no more use.
type ProtocolError string

func (e ProtocolError) Error() string { return "redis: the reply " + string(e) }

// Limits of a reply.
const (
	MaxReply = 64 << 20 // bytes that it takes in memory, about
	maxLine  = 64 << 10 // bytes of a line (Redis's own limit for what comes to it)
	maxDepth = 16       // arrays in arrays
	perValue = 64       // bytes that a value takes besides its text
)

// AppendCommand adds a command as it goes over the wire: an array of bulk strings. No byte in an argument means
// anything, so there is nothing to quote.
func AppendCommand(b []byte, command []string) []byte {
	b = fmt.Appendf(b, "*%d\r\n", len(command))
	for _, argument := range command {
		b = fmt.Appendf(b, "$%d\r\n%s\r\n", len(argument), argument)
	}
	return b
}

// Decoder takes values out of the bytes that arrive, without input and output.
type Decoder struct {
	in   []byte
	open []array // arrays that are not complete, the outermost first
	size int     // of the value so far
}

type array struct {
	items []Value
	left  int
}

// Add puts bytes that arrived behind those that wait.
func (d *Decoder) Add(arrived []byte) { d.in = append(d.in, arrived...) }

// Next takes the next value; ok is false while it is not complete. After an error it is not known where the next
// begins.
func (d *Decoder) Next() (v Value, ok bool, err error) {
	for {
		v, n, ok, err := d.element()
		if err != nil || !ok {
			return Value{}, false, err
		}
		if v.Kind == Array && n > 0 {
			d.open = append(d.open, array{left: n})
			continue
		}
		if v, ok = d.fill(v); ok {
			d.size = 0
			return v, true, nil
		}
	}
}

// fill puts a value into the innermost open array, and that, when it is full, into the one around it. ok is true when
// none is open any more.
func (d *Decoder) fill(v Value) (whole Value, ok bool) {
	for len(d.open) > 0 {
		inner := &d.open[len(d.open)-1]
		inner.items = append(inner.items, v)
		if inner.left--; inner.left > 0 {
			return Value{}, false
		}
		v = Value{Kind: Array, Items: inner.items}
		d.open = d.open[:len(d.open)-1]
	}
	return v, true
}

var crlf = []byte("\r\n")

// element reads a value, or the beginning of an array of n.
func (d *Decoder) element() (v Value, n int, ok bool, err error) {
	end := bytes.Index(d.in, crlf)
	if end > maxLine || end < 0 && len(d.in) > maxLine {
		return v, 0, false, ProtocolError("has a line that is too long")
	}
	if end < 0 {
		return v, 0, false, nil
	}
	if end == 0 {
		return v, 0, false, ProtocolError("has an empty line")
	}
	v.Kind = Kind(d.in[0])
	text, rest := string(d.in[1:end]), d.in[end+len(crlf):]
	switch v.Kind {
	case Simple, Failed:
		if bytes.ContainsAny(d.in[:end], "\r\n") {
			return v, 0, false, ProtocolError("has a bare line end")
		}
		v.Text = text
	case Integer:
		if v.Int, err = strconv.ParseInt(text, 10, 64); err != nil {
			return v, 0, false, ProtocolError("has a number that is none")
		}
	case Bulk, Array:
		if n, err = length(text); err != nil {
			return v, 0, false, err
		}
	default:
		return v, 0, false, ProtocolError("begins with a byte of no kind")
	}
	switch {
	case n > MaxReply-d.size-end-perValue:
		return v, 0, false, ProtocolError("is too large")
	case n < 0:
		v.Kind = Null
	case v.Kind == Array && len(d.open) == maxDepth:
		return v, 0, false, ProtocolError("is nested too deep")
	case v.Kind == Bulk:
		if len(rest) < n+len(crlf) {
			return v, 0, false, nil
		}
		if !bytes.Equal(rest[n:n+len(crlf)], crlf) {
			return v, 0, false, ProtocolError("has a string that is longer than it said")
		}
		v.Text, rest = string(rest[:n]), rest[n+len(crlf):]
	}
	if d.in = rest; len(rest) == 0 {
		d.in = nil // an idle connection holds no memory for bytes
	}
	d.size += end + len(v.Text) + perValue
	return v, n, true, nil
}

// length reads the number of bytes or items, or -1 for null.
func length(text string) (int, error) {
	if text == "-1" {
		return -1, nil
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, ProtocolError("has a length that is no number")
	}
	return int(n), nil
}
