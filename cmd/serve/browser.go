package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"

	"era/lab/process"
	"era/site/guard"
)

// openBrowser makes the system open the page. done removes the file that was made for it.
func openBrowser(g *guard.Guard) (done func(), err error) {
	name, args := "xdg-open", []string{}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler"}
	default:
		if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
			return func() {}, nil // a terminal without a screen, such as ssh: the link was printed
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, errors.New("no program found that opens a browser")
	}
	dir, remove, err := process.Scratch() // removed even if we are killed
	if err != nil {
		return nil, fmt.Errorf("open a browser: %w", err)
	}
	page, _, err := g.RedirectFile(dir)
	if err != nil {
		remove()
		return nil, err
	}
	cmd := exec.Command(path, append(args, page)...)
	if err := cmd.Start(); err != nil {
		remove()
		return nil, fmt.Errorf("open a browser: %w", err)
	}
	// Some commands wait for the browser to end, some do not; the exit status means nothing.
	go cmd.Wait()
	time.AfterFunc(30*time.Second, remove) // long after the browser has read it, and the key has been used
	return remove, nil
}
