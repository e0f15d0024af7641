package small

import (
	"bytes"
	gosha256 "crypto/sha256"
	"errors"
	gofmt "fmt"
	gohttp "net/http"
	gonetip "net/netip"
	gourl "net/url"
	"reflect"
	"testing"
	"time"

	"era/runnable/kit/kernel/small/fmt"
	"era/runnable/kit/kernel/small/http"
	"era/runnable/kit/kernel/small/netip"
	"era/runnable/kit/kernel/small/sha256"
	"era/runnable/kit/kernel/small/url"
)

// TestFmt compares with Go's the verbs that servers use.
func TestFmt(t *testing.T) {
	err := errors.New("no room")
	for _, c := range []struct {
		format string
		args   []any
	}{
		{"", nil}, {"plain", nil}, {"100%%", nil},
		{"%v %s %d", []any{1, "two", 3}},
		{"%q %q %.3q %x", []any{"a\n", []byte("b"), "abcdef", []byte{0, 255}}},
		{"%v %v %v", []any{err, nil, true}},
		{"%v %s", []any{gonetip.MustParseAddrPort("127.0.0.1:80"), time.Second}},
		{"%04d|%4d|%x|%c", []any{7, 42, 255, 'x'}},
		{"%d %d %d %d", []any{uint8(1), uint16(2), int64(-3), uint64(4)}},
		{"%.2s|", []any{"three"}},
		{"%v", []any{[]string{"a", "b"}}},
		{"%d", nil},
	} {
		if got, want := fmt.Sprintf(c.format, c.args...), gofmt.Sprintf(c.format, c.args...); got != want {
			t.Errorf("Sprintf(%q, %v) is %q, Go's is %q", c.format, c.args, got, want)
		}
	}
	wrapped := fmt.Errorf("accept: %w", err)
	if !errors.Is(wrapped, err) || wrapped.Error() != "accept: no room" {
		t.Errorf("Errorf: %v", wrapped)
	}
	if errors.Is(fmt.Errorf("accept: %v", err), err) {
		t.Error("Errorf without percent w wraps its error")
	}
	if got, want := fmt.Sprintln("a", 1, nil), gofmt.Sprintln("a", 1, nil); got != want {
		t.Errorf("Sprintln is %q, Go's %q", got, want)
	}
}

// TestHTTP: all statuses have Go's texts.
func TestHTTP(t *testing.T) {
	for status := range 600 {
		if got, want := http.StatusText(status), gohttp.StatusText(status); got != want {
			t.Errorf("StatusText(%d) is %q, Go's is %q", status, got, want)
		}
	}
	if http.MethodHead != gohttp.MethodHead || http.MethodConnect != gohttp.MethodConnect ||
		http.MethodOptions != gohttp.MethodOptions {
		t.Error("a method has another name than Go's")
	}
}

func TestSHA256(t *testing.T) {
	for n := range 200 {
		text := bytes.Repeat([]byte{byte(n)}, n)
		d := sha256.New()
		d.Write(text[:n/3])
		d.Write(text[n/3:])
		if want := gosha256.Sum256(text); !bytes.Equal(d.Sum(nil), want[:]) {
			t.Errorf("%d bytes: %x, Go's is %x", n, d.Sum(nil), want)
		}
	}
}

var addresses = []string{"", "127.0.0.1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "::", "::1", "1::", "1:2",
	"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::", "1::2::3", "12345::", "::1.2.3.4", "1.2.3.4::", "::%eth0", "::%", "g::",
	"::ffff:1.2.3", "1:2:3:4:5:6:1.2.3.4", "127.0.0.1:80", "0.0.0.0:65536", "1.2.3.4:", ":::", ":1", "1:", "+1::"}

func TestNetip(t *testing.T) {
	for _, text := range addresses {
		compareAddress(t, text)
	}
}

func FuzzNetip(f *testing.F) {
	for _, text := range addresses {
		f.Add(text)
	}
	f.Fuzz(compareAddress)
}

func compareAddress(t *testing.T, text string) {
	got, err := netip.ParseAddr(text)
	want, goErr := gonetip.ParseAddr(text)
	if (err == nil) != (goErr == nil) || got.Is4() != want.Is4() || got.Is6() != want.Is6() ||
		(got.Zone() == "") != (want.Zone() == "") || got.Is4() && got.String() != want.String() {
		t.Errorf("ParseAddr(%q) is %v, %v, Go's is %v, %v", text, got, err, want, goErr)
	}
	port, err := netip.ParseAddrPort(text)
	goPort, goErr := gonetip.ParseAddrPort(text)
	if goErr == nil && goPort.Addr().Is6() {
		return // that is left out
	}
	if (err == nil) != (goErr == nil) || err == nil && port.String() != goPort.String() {
		t.Errorf("ParseAddrPort(%q) is %v, %v, Go's is %v, %v", text, port, err, goPort, goErr)
	}
}

var texts = []string{"", "/", "/a%20b", "%4", "%zz", "a=1&b=2&a=3", "a+b=c%3d", "a=%&b=1", ";=1&x", "%e2%82%ac",
	"&&=&", "a=%+1"}

func TestURL(t *testing.T) {
	for _, text := range texts {
		compare(t, text)
	}
}

func FuzzURL(f *testing.F) {
	for _, text := range texts {
		f.Add(text)
	}
	f.Fuzz(compare)
}

func compare(t *testing.T, text string) {
	got, err := url.PathUnescape(text)
	want, goErr := gourl.PathUnescape(text)
	if got != want || (err == nil) != (goErr == nil) {
		t.Errorf("PathUnescape(%q) is %q, %v, Go's is %q, %v", text, got, err, want, goErr)
	}
	values, err := url.ParseQuery(text)
	goValues, goErr := gourl.ParseQuery(text)
	if (err == nil) != (goErr == nil) || !reflect.DeepEqual(map[string][]string(values), map[string][]string(goValues)) {
		t.Errorf("ParseQuery(%q) is %v, %v, Go's is %v, %v", text, values, err, goValues, goErr)
	}
}
