package guard

import (
	"fmt"
	"html"
	"os"
	"path/filepath"
)

// RedirectFile writes a page that leads to URL, for the command that opens a browser: every user of the machine can
// read the arguments of a command, but no other user can read this file. Call remove when the browser has read it.
func (g *Guard) RedirectFile(dir string) (path string, remove func(), err error) {
	private, err := os.MkdirTemp(dir, "open-*") // of mode 0700
	if err != nil {
		return "", nil, fmt.Errorf("page that opens the browser: %w", err)
	}
	remove = func() { os.RemoveAll(private) }
	path = filepath.Join(private, "open.html")
	page := `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer">` +
		`<meta http-equiv="refresh" content="0; url=` + html.EscapeString(g.URL()) + `"><title>The Era of Asynchrony</title>`
	if err := os.WriteFile(path, []byte(page), 0o600); err != nil {
		remove()
		return "", nil, fmt.Errorf("page that opens the browser: %w", err)
	}
	return path, remove, nil
}
