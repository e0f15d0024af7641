// Package fmt is what a module of the simulated kernel has instead of Go's: the verbs that servers use, for the types
// that they print, without reflection. Go's would be a third of the module.
package fmt

import (
	"errors"
	"io"
	"strconv"
	"strings"
)

// Stringer is implemented by values that have a text.
type Stringer interface{ String() string }

func Sprintf(format string, args ...any) string      { return string(Appendf(nil, format, args...)) }
func Printf(format string, args ...any)              { print(Sprintf(format, args...)) }
func Println(args ...any)                            { print(Sprintln(args...)) }
func Fprintln(w io.Writer, args ...any) (int, error) { return io.WriteString(w, Sprintln(args...)) }
func Fprint(w io.Writer, args ...any) (int, error)   { return io.WriteString(w, Sprint(args...)) }
func Fprintf(w io.Writer, format string, args ...any) (int, error) {
	return w.Write(Appendf(nil, format, args...))
}

// Sprint writes values one after the other. Go's puts spaces between some.
func Sprint(args ...any) string {
	var b []byte
	for _, arg := range args {
		b = appendValue(b, arg, 'v', "")
	}
	return string(b)
}

// Sprintln puts spaces between values and a line's end behind them.
func Sprintln(args ...any) string {
	var b []byte
	for i, arg := range args {
		if i > 0 {
			b = append(b, ' ')
		}
		b = appendValue(b, arg, 'v', "")
	}
	return string(append(b, '\n'))
}

// Appendf knows %v, %s, %d, %x, %q, %c, %t, %w and %%, each with a width or a precision.
func Appendf(b []byte, format string, args ...any) []byte {
	for {
		text, rest, found := strings.Cut(format, "%")
		b = append(b, text...)
		if !found {
			return b
		}
		n := 0
		for n < len(rest) && strings.IndexByte("0123456789.+#-", rest[n]) >= 0 {
			n++
		}
		if n == len(rest) {
			return append(b, "%!(NOVERB)"...)
		}
		flags, verb := rest[:n], rest[n]
		format = rest[n+1:]
		switch {
		case verb == '%':
			b = append(b, '%')
		case len(args) == 0:
			b = append(append(append(b, "%!"...), verb), "(MISSING)"...)
		default:
			b = appendValue(b, args[0], verb, flags)
			args = args[1:]
		}
	}
}

func appendValue(b []byte, value any, verb byte, flags string) []byte {
	if n, is := number(value); is {
		return pad(b, digits(n, verb), flags)
	}
	text := ""
	switch v := value.(type) {
	case nil:
		text = "<nil>"
	case error:
		text = v.Error()
	case Stringer:
		text = v.String()
	case string:
		text = v
	case []byte:
		text = string(v)
	case bool:
		text = strconv.FormatBool(v)
	case []string:
		text = "[" + strings.Join(v, " ") + "]"
	default:
		text = "?"
	}
	if _, precision, has := strings.Cut(flags, "."); has {
		if n, _ := strconv.Atoi(precision); n < len(text) {
			text = text[:n]
		}
	}
	switch verb {
	case 'q':
		text = strconv.Quote(text)
	case 'x':
		var hex []byte
		for i := range len(text) {
			hex = append(hex, "0123456789abcdef"[text[i]>>4], "0123456789abcdef"[text[i]&15])
		}
		text = string(hex)
	}
	return append(b, text...)
}

// number returns an integer that has no text of its own.
func number(value any) (int64, bool) {
	switch v := value.(type) {
	case int:
		return int64(v), true
	case int32:
		return int64(v), true
	case int64:
		return v, true
	case uint8:
		return int64(v), true
	case uint16:
		return int64(v), true
	case uint32:
		return int64(v), true
	case uint64:
		return int64(v), true
	}
	return 0, false
}

func digits(n int64, verb byte) string {
	switch verb {
	case 'x':
		return strconv.FormatInt(n, 16)
	case 'c':
		return string(rune(n))
	case 'q':
		return strconv.QuoteRune(rune(n))
	}
	return strconv.FormatInt(n, 10)
}

// pad fills a number up to its width, with zeros if the width begins with one.
func pad(b []byte, text, flags string) []byte {
	width, _ := strconv.Atoi(flags)
	fill := " "
	if strings.HasPrefix(flags, "0") {
		fill = "0"
	}
	return append(append(b, strings.Repeat(fill, max(0, width-len(text)))...), text...)
}

// Errorf makes an error, which wraps those that %w prints.
func Errorf(format string, args ...any) error {
	e := &wrapping{text: Sprintf(format, args...)}
	for _, arg := range args {
		if err, is := arg.(error); is && strings.Contains(format, "%w") {
			e.errs = append(e.errs, err)
		}
	}
	if e.errs == nil {
		return errors.New(e.text)
	}
	return e
}

type wrapping struct {
	text string
	errs []error
}

func (e *wrapping) Error() string   { return e.text }
func (e *wrapping) Unwrap() []error { return e.errs }
