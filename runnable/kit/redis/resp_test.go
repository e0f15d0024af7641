package redis

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// decode feeds bytes in pieces of the size, and returns the values and the error that ended them.
func decode(text string, size int) (values []Value, err error) {
	var d Decoder
	for len(text) > 0 {
		n := min(size, len(text))
		d.Add([]byte(text[:n]))
		text = text[n:]
		for {
			v, ok, err := d.Next()
			if err != nil {
				return values, err
			}
			if !ok {
				break
			}
			values = append(values, v)
		}
	}
	return values, nil
}

func TestDecoder(t *testing.T) {
	text := func(s string) Value { return Value{Kind: Bulk, Text: s} }
	for in, want := range map[string][]Value{
		"":                           nil,
		"+OK\r\n":                    {{Kind: Simple, Text: "OK"}},
		"+\r\n":                      {{Kind: Simple}},
		"-ERR no such thing\r\n":     {{Kind: Failed, Text: "ERR no such thing"}},
		":-42\r\n:+7\r\n":            {{Kind: Integer, Int: -42}, {Kind: Integer, Int: 7}},
		"$0\r\n\r\n$4\r\na\r\nb\r\n": {text(""), text("a\r\nb")},
		"$-1\r\n*-1\r\n*0\r\n":       {{Kind: Null}, {Kind: Null}, {Kind: Array}},
		"*2\r\n$1\r\na\r\n*1\r\n:1\r\n": {{Kind: Array,
			Items: []Value{text("a"), {Kind: Array, Items: []Value{{Kind: Integer, Int: 1}}}}}},
		"*3\r\n*0\r\n$-1\r\n-ERR\r\n+x\r\n": {
			{Kind: Array, Items: []Value{{Kind: Array}, {Kind: Null}, {Kind: Failed, Text: "ERR"}}}, {Kind: Simple, Text: "x"},
		},
		"*1\r\n$5\r\nhal": nil,
	} {
		for _, size := range []int{1 << 20, 1} {
			if got, err := decode(in, size); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%q in pieces of %d: %+v, %v; want %+v", in, size, got, err, want)
			}
		}
	}
}

func TestBadReply(t *testing.T) {
	for _, in := range []string{
		"\r\n", "OK\r\n", "HTTP/1.1 200 OK\r\n", "\x00\r\n", "+a\nb\r\n", "+a\rb\r\n", ":\r\n", ":1.5\r\n",
		":9223372036854775808\r\n",
		"$\r\n", "$-2\r\n", "$+1\r\na\r\n", "$1\r\nab\r\n", "$99999999999999999999\r\n", fmt.Sprintf("$%d\r\n", MaxReply),
		"*-2\r\n", "*x\r\n",
		fmt.Sprintf("*%d\r\n", MaxReply), strings.Repeat("*1\r\n", maxDepth+1), "+" + strings.Repeat("x", 2*maxLine),
		"*1000000\r\n" + strings.Repeat("$60\r\n"+strings.Repeat("x", 60)+"\r\n", 600000),
	} {
		if _, err := decode(in, 4096); !errors.As(err, new(ProtocolError)) {
			t.Errorf("%.40q: %v", in, err)
		}
	}
}

// encode words a value as a server does.
func encode(v Value) string {
	switch v.Kind {
	case Integer:
		return fmt.Sprintf(":%d\r\n", v.Int)
	case Bulk:
		return fmt.Sprintf("$%d\r\n%s\r\n", len(v.Text), v.Text)
	case Null:
		return "$-1\r\n"
	case Array:
		all := fmt.Sprintf("*%d\r\n", len(v.Items))
		for _, item := range v.Items {
			all += encode(item)
		}
		return all
	}
	return fmt.Sprintf("%c%s\r\n", v.Kind, v.Text)
}

// FuzzDecoder: values are the same in one piece and byte by byte, and when they are written and read again.
func FuzzDecoder(f *testing.F) {
	f.Add("*2\r\n$1\r\na\r\n*1\r\n:1\r\n-ERR x\r\n")
	f.Add("$-1\r\n*-1\r\n+OK\r\n")
	f.Fuzz(func(t *testing.T, in string) {
		whole, err := decode(in, 1<<20)
		pieces, err2 := decode(in, 1)
		if !reflect.DeepEqual(whole, pieces) || fmt.Sprint(err) != fmt.Sprint(err2) {
			t.Fatalf("in one piece %+v, %v; byte by byte %+v, %v", whole, err, pieces, err2)
		}
		again := ""
		for _, v := range whole {
			again += encode(v)
		}
		if got, err := decode(again, 1<<20); err != nil || !reflect.DeepEqual(got, whole) {
			t.Fatalf("%+v written and read again is %+v, %v", whole, got, err)
		}
	})
}

func TestAppendCommand(t *testing.T) {
	got := string(AppendCommand([]byte("x"), []string{"SET", "a\r\n", ""}))
	if want := "x*3\r\n$3\r\nSET\r\n$3\r\na\r\n\r\n$0\r\n\r\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
