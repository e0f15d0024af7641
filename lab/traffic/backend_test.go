package traffic

import (
	"bufio"
	"net"
	"strings"
	"testing"
)

func TestBackend(t *testing.T) {
	b, err := StartBackend()
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", b.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	lines := bufio.NewReader(c)
	for question, want := range map[string]string{
		"":                 "waited 0 ms\n",
		"delay=3":          "waited 3 ms\n",
		"size=20":          "waited 0 ms" + strings.Repeat(".", 8) + "\n",
		"size=5":           "waited 0 ms\n",
		"delay=-1&size=-1": "waited 0 ms\n",
		"delay=%zz":        "waited 0 ms\n",
		"delay=soon":       "waited 0 ms\n",
	} {
		if _, err := c.Write([]byte(question + "\n")); err != nil {
			t.Fatal(err)
		}
		if got, err := lines.ReadString('\n'); got != want || err != nil {
			t.Errorf("%q: %q, %v", question, got, err)
		}
	}
	if asked, atOnce := b.Questions(); asked != 7 || atOnce != 1 {
		t.Errorf("%d questions, %d at once", asked, atOnce)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if _, err := lines.ReadByte(); err == nil {
		t.Error("the connection outlived the backend")
	}
}
