//go:build linux || darwin

package clauses

import "testing"

// TestHostOfTheTarget: if a target names a host, that of the field is ignored (RFC 9112, section 3.2.2).
func TestHostOfTheTarget(t *testing.T) {
	each(t, func(t *testing.T, addr string) {
		for send, want := range map[string]string{
			"GET http://right:1/http HTTP/1.1\r\nHost: wrong\r\n\r\n": "200 OK: HTTP_HOST=right:1",
			"GET http://right/http HTTP/1.0\r\n\r\n":                  "200 OK: HTTP_HOST=right",
			"GET /http HTTP/1.1\r\nHost: right\r\n\r\n":               "200 OK: HTTP_HOST=right",
		} {
			if _, got := request(t, addr, send); got != want {
				t.Errorf("%q: %s, want %s", send, got, want)
			}
		}
	})
}
