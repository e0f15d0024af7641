//go:build linux

package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A checkout may contain symbolic links. Targets outside of it are neither built nor served, and the build names the
// links.
func TestLinksOutOfTheCheckout(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "secret.txt")
	book := map[string]string{
		"go.mod": "module era\n", "static/theme.js": "", "static/page.js": "", "runnable/a.go": "package a\n",
		"content/index.md":     "---\ntitle: The Era of Asynchrony\n---\n\nWelcome.\n",
		"content/one/index.md": "---\ntitle: One\norder: 1\n---\n\n## A run\n\nText.\n",
	}
	for link, page := range map[string]string{
		"static/link.txt": "static/link.txt", "static/link.js": "static/link.js", "runnable/link.go": "source/link.go.html",
		"content/two/index.md": "two.html", "static/folder": "static/folder",
	} {
		t.Run(link, func(t *testing.T) {
			dir, out := t.TempDir(), filepath.Join(t.TempDir(), "out")
			for name, text := range book {
				writeFile(t, filepath.Join(dir, name), text)
			}
			writeFile(t, outside, "---\ntitle: The secret\norder: 2\n---\n\nThe secret.\n")
			target := outside
			if link == "static/folder" {
				target = filepath.Dir(outside)
			}
			if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, link)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
				t.Fatal(err)
			}
			build := serveCommand(t, "build", "-out", out)
			build.Dir = dir
			status, _, stderr := output(t, build)
			if status != 1 || !strings.Contains(stderr, link) || !strings.Contains(stderr, "escapes") {
				t.Errorf("serve build: status %d, want 1 and a message about %s:\n%s", status, link, stderr)
			}
			filepath.WalkDir(out, func(path string, _ os.DirEntry, err error) error {
				if data, _ := os.ReadFile(path); bytes.Contains(data, []byte("The secret")) { // folders cannot be read
					t.Errorf("%s was built", path)
				}
				return err
			})
			serve := onFreePort(t)
			serve.Dir = dir
			addr, _ := started(t, serve)
			response, err := http.Get("http://" + addr + "/" + page)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if body, err := io.ReadAll(response.Body); err != nil || !bytes.Contains(body, []byte("escapes")) ||
				bytes.Contains(body, []byte("The secret")) {
				t.Errorf("GET /%s: %s, %v: want the reason why not:\n%s", page, response.Status, err, body)
			}
		})
	}
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
