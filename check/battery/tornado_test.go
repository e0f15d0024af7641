//go:build linux || darwin

package battery

import (
	"bufio"
	"io"
	"net/http"
	"testing"

	"era/catalogue"
	"era/check/servertest"
)

// TestTornado: the real Tornado does the job, where it is installed. It words its refusals in its own way, so it is not
// in the battery.
func TestTornado(t *testing.T) {
	v, err := catalogue.Find("tornado/python")
	if err != nil {
		t.Fatal(err)
	}
	get200 := func(c *client, target, want string) {
		t.Helper()
		c.send(get(target))
		response, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(response.Body); response.StatusCode != http.StatusOK || string(body) != want ||
			err != nil {
			t.Errorf("%s: %s, %q, %v", target, response.Status, body, err)
		}
	}
	s := start(t, v, servertest.Backend(t), manyFiles)
	slow, c := dial(t, s), dial(t, s)
	slow.send("GET / HT")
	for range 3 { // on one connection
		get200(c, "/", "hello\n")
		get200(c, "/ask?delay=5", "waited 5 ms\n")
	}
	c.send(get("/nowhere"))
	if wrong := c.status(http.StatusNotFound); wrong != "" {
		t.Error(wrong)
	}
	slow.Close()
	c.Close()

	s = start(t, v, "127.0.0.1:1", manyFiles)
	c = dial(t, s)
	c.send(get("/ask"))
	if wrong := c.status(http.StatusBadGateway); wrong != "" {
		t.Error(wrong)
	}
}
