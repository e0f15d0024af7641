//go:build linux || darwin

package battery

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"

	"era/catalogue"
)

// TestASGIBodies: where a body ends is never a matter of opinion: a client that finds two servers that disagree
// smuggles a request past the first (RFC 9112, section 11.2). What is sent after the body would be answered with
// "hello".
func TestASGIBodies(t *testing.T) {
	counted := func(fields string) string { return "POST /upload HTTP/1.1\r\nHost: test\r\n" + fields + "\r\n" }
	chunked := func(body string) string { return counted("Transfer-Encoding: chunked\r\n") + body }
	const five, bad, no = "200, hello", "400", "501"
	eachASGI(t, func(t *testing.T, v catalogue.Variant) {
		s := start(t, v, "127.0.0.1:1", manyFiles)
		for name, c := range map[string]struct{ send, want string }{
			"counted":                          {counted("Content-Length: 5\r\n") + "12345", five},
			"counted with zeros before":        {counted("Content-Length: 0005\r\n") + "12345", five},
			"twice counted":                    {counted("Content-Length: 5\r\nContent-Length: 5\r\n") + "12345", bad},
			"a list of lengths":                {counted("Content-Length: 5, 5\r\n") + "12345", bad},
			"a length with a sign":             {counted("Content-Length: +5\r\n") + "12345", bad},
			"a length below nothing":           {counted("Content-Length: -5\r\n") + "12345", bad},
			"a length in hexadecimal":          {counted("Content-Length: 0x5\r\n") + "12345", bad},
			"a length with an underscore":      {counted("Content-Length: 0_5\r\n") + "12345", bad},
			"no length":                        {counted("Content-Length:\r\n") + "12345", bad},
			"a length beyond 64 bits":          {counted("Content-Length: 18446744073709551621\r\n") + "12345", bad},
			"counted and in chunks":            {counted("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n", bad},
			"a space before the colon":         {counted("Content-Length : 5\r\n") + "12345", bad},
			"a field that is folded":           {counted("X: a\r\n b\r\nContent-Length: 5\r\n") + "12345", bad},
			"a field that ends in a line feed": {counted("X: a\nContent-Length: 5\r\n") + "12345", bad},
			"a field with a carriage return":   {counted("X: a\rb\r\nContent-Length: 5\r\n") + "12345", bad},
			"a null in a field":                {counted("X: a\x00b\r\nContent-Length: 5\r\n") + "12345", bad},
			"in chunks":                        {chunked("3\r\n123\r\n2\r\n45\r\n0\r\n\r\n"), five},
			"chunks with capitals and zeros": {counted("transfer-encoding: Chunked\r\n") + "0005\r\n12345\r\n00\r\n\r\n",
				five},
			"chunks with extensions": {chunked("5;a=b;c=\"d e\"\r\n12345\r\n0;x\r\n\r\n"), five},
			"chunks with a trailer":  {chunked("5\r\n12345\r\n0\r\nX: y\r\n\r\n"), five},
			"chunks twice":           {counted("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n", bad},
			"chunks in chunks":       {counted("Transfer-Encoding: chunked, chunked\r\n") + "0\r\n\r\n", no},
			"compressed chunks":      {counted("Transfer-Encoding: gzip, chunked\r\n") + "0\r\n\r\n", no},
			// RFC 9112, section 6.3
			"identity":                           {counted("Transfer-Encoding: identity\r\n") + "12345", bad},
			"compressed":                         {counted("Transfer-Encoding: gzip\r\n") + "12345", bad},
			"chunks in HTTP/1.0":                 {strings.Replace(chunked("0\r\n\r\n"), "HTTP/1.1", "HTTP/1.0", 1), bad},
			"a chunk's size with a sign":         {chunked("+5\r\n12345\r\n0\r\n\r\n"), bad},
			"a chunk's size with a prefix":       {chunked("0x5\r\n12345\r\n0\r\n\r\n"), bad},
			"a chunk's size with a space before": {chunked(" 5\r\n12345\r\n0\r\n\r\n"), bad},
			"a chunk's size with an underscore":  {chunked("0_5\r\n12345\r\n0\r\n\r\n"), bad},
			"no size of a chunk":                 {chunked("\r\n12345\r\n0\r\n\r\n"), bad},
			"a chunk's size beyond 64 bits":      {chunked("10000000000000005\r\n12345\r\n0\r\n\r\n"), bad},
			"a size that ends in a line feed":    {chunked("5\n12345\r\n0\r\n\r\n"), bad},
			"an extension with a line feed":      {chunked("5;a\nb\r\n12345\r\n0\r\n\r\n"), bad},
			"a chunk that ends in a line feed":   {chunked("5\r\n12345\n0\r\n\r\n"), bad},
			"a chunk longer than it says":        {chunked("4\r\n12345\r\n0\r\n\r\n"), bad},
			"a request for a trailer":            {chunked("5\r\n12345\r\n0\r\nGET /none HTTP/1.1\r\n\r\n"), bad},
			"a trailer with a space in its name": {chunked("5\r\n12345\r\n0\r\nA : b\r\n\r\n"), bad},
			"a trailer without a name":           {chunked("5\r\n12345\r\n0\r\n: b\r\n\r\n"), bad},
			"a trailer that is folded":           {chunked("5\r\n12345\r\n0\r\nX: y\r\n z\r\n\r\n"), bad},
			"a chunk's size of many digits":      {chunked("00000000000000005\r\n12345\r\n0\r\n\r\n"), five},
			"a length of many digits":            {counted("Content-Length: 000000000000000000005\r\n") + "12345", five},
			"a trailer with a line feed":         {chunked("5\r\n12345\r\n0\r\nX: y\nZ: 1\r\n\r\n"), bad},
			"a trailer with a null":              {chunked("5\r\n12345\r\n0\r\nX: \x00\r\n\r\n"), bad},
			"an endless extension":               {chunked("5;" + strings.Repeat("x", 5000) + "\r\n12345\r\n0\r\n\r\n"), bad},
			"a trailer without end": {chunked("5\r\n12345\r\n0\r\n" +
				strings.Repeat("X: "+strings.Repeat("y", 1000)+"\r\n", 5) + "\r\n"), bad},
		} {
			conn := dial(t, s)
			go io.WriteString(conn, c.send+get("/")) // if it fails, the reading fails as well
			replies, got := bufio.NewReader(conn), ""
			for {
				reply, err := http.ReadResponse(replies, nil)
				if err != nil {
					break
				}
				body, err := io.ReadAll(reply.Body)
				switch {
				case err != nil:
					got += "half a reply"
				case string(body) == "hello\n":
					got += ", hello"
					conn.CloseWrite()
				case strings.HasPrefix(string(body), "5 bytes, sha256 5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5"):
					got += "200"
				default:
					got += strings.Fields(reply.Status)[0]
				}
			}
			if got != c.want {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
			conn.Close()
		}
		next(t, s)
		s.checkWell(t)
	})
}
