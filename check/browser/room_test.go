package browser

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestRoom: two windows in the chat room hear each other, on every server that has a room. One that leaves reads its
// own code; the server tells the other when it ends.
func TestRoom(t *testing.T) {
	asgi := filepath.Join(temporary, "asgi")
	build := exec.Command("go", "build", "-o", asgi, "./runnable/asgi")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, argv := range map[string][]string{
		"loop": {asgi}, "goroutines": {asgi, "-engine", "goroutines"}, "python": {"python3", "runnable/asgi/server.py"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := exec.LookPath(argv[0]); err != nil && os.Getenv("CI") != "true" {
				t.Skipf("SKIPPED: %v", err)
			}
			one, two := open(t), open(t)
			cmd := exec.Command(argv[0], append(argv[1:], "-addr", "127.0.0.1:0")...)
			page := "http://" + strings.TrimPrefix(spawn(t, cmd), "listening on ") + "/room"
			for _, b := range []*tab{one, two} {
				b.visit(page)
				b.until(`document.querySelector('[role=status]').textContent.startsWith('You are in')`)
				b.checkTree("the room")
				b.audit("the room")
			}
			hears := func(b *tab, words ...string) {
				t.Helper()
				b.until(`[...document.querySelectorAll('[role=log] li')].map(l => l.textContent).join() === ` + quote(strings.Join(words, ",")))
			}
			one.press("#word", "good evening")
			one.press("#word", "\r")
			hears(one, "good evening")
			hears(two, "good evening")
			two.press("#word", "<b>h\u00e4llo</b>\r")
			hears(one, "good evening", "<b>h\u00e4llo</b>")
			hears(two, "good evening", "<b>h\u00e4llo</b>")
			two.until(`socket.extensions.startsWith('permessage-deflate')`)
			long := strings.Repeat("h\u00e4llo", 60) // which is compressed
			two.press("#word", long+"\r")
			hears(one, "good evening", "<b>h\u00e4llo</b>", long)
			one.do(chromedp.Click(chromedp.CSS("#leave")))
			one.until(`document.querySelector('[role=status]').textContent === 'Closed, with code 3001'`)
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			two.until(`document.querySelector('[role=status]').textContent === 'Closed, with code 1001'`)
			for _, b := range []*tab{one, two} {
				b.clean("the room")
			}
		})
	}
}
