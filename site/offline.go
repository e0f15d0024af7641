package site

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// A built site can be installed, and then reads without a network: its service worker keeps all files of a list with a
// hash of each. serve has no use for that, and its worker only takes away one that a site of this origin has left
// behind.

const (
	workerPage   = "sw.js" // beside the pages, as it governs what is below its own address
	manifestPage = "manifest.webmanifest"
	afterAll     = "\U0010ffff" // page.beside of a page that is made of all others
)

// addOffline adds the service worker, and what makes a site an application. A book without scripts has none.
func (e *edition) addOffline(files []string) {
	script := "static/worker.js"
	if !e.isInstalled() {
		script = "static/retire.js"
	}
	if !slices.Contains(files, script) {
		return
	}
	if !e.isInstalled() {
		e.add(workerPage, func() ([]byte, error) { return fs.ReadFile(e.root, script) })
		return
	}
	e.add(manifestPage, e.manifest)
	for _, size := range iconSizes {
		e.add(iconPage(size), func() ([]byte, error) { return icon(size) })
	}
	e.add(headersPage, e.headers)
	e.add(workerPage, func() ([]byte, error) { return e.worker(script) }).beside = afterAll
}

// isInstalled reports whether pages ask to be kept. The scripts that they load do the rest.
func (e *edition) isInstalled() bool { return e.options.Stream == "" }

// isKept reports whether a file is kept for reading without a network: all but what only machines ask for, the traces,
// which are for a program on the network, and the modules of servers, which are as large as all else together: a reader
// who steps one has it in the browser's own cache. A host may answer with other words where a page is missing.
func isKept(name string) bool {
	kept := []string{".html", ".js", ".css", ".svg", ".webmanifest"}
	_, isModule := moduleOf(name)
	return slices.Contains(kept, path.Ext(name)) && name != workerPage && name != "404.html" && !isModule
}

// worker returns the service worker: the list of files, and the script that keeps them. Its own bytes change whenever a
// file does, which is how a browser learns of a new edition.
func (e *edition) worker(script string) ([]byte, error) {
	list := map[string]string{}
	for name, p := range e.pages {
		if !isKept(name) {
			continue
		}
		f, err := p.get()
		if err != nil {
			return nil, err
		}
		list[name] = strings.Trim(f.etag, `"`)
	}
	data, err := json.Marshal(list)
	if err != nil {
		return nil, err
	}
	code, err := fs.ReadFile(e.root, script)
	return fmt.Appendf(nil, "self.files=%s;\n%s", data, code), err
}

// manifest describes the site as an application. Addresses are relative to it.
func (e *edition) manifest() ([]byte, error) {
	type icon struct {
		Src   string `json:"src"`
		Sizes string `json:"sizes"`
		Type  string `json:"type"`
	}
	icons := []icon{{"static/icon.svg", "any", "image/svg+xml"}}
	for _, size := range iconSizes {
		icons = append(icons, icon{iconPage(size), fmt.Sprintf("%dx%[1]d", size), "image/png"})
	}
	description := ""
	if e.book.Landing != nil {
		description = e.book.Landing.Front.Summary
	}
	return json.Marshal(struct {
		Name        string `json:"name"`
		ShortName   string `json:"short_name"`
		Description string `json:"description"`
		Language    string `json:"lang"`
		Start       string `json:"start_url"`
		Scope       string `json:"scope"`
		Display     string `json:"display"`
		Background  string `json:"background_color"`
		Theme       string `json:"theme_color"`
		Icons       []icon `json:"icons"`
	}{bookTitle, "Asynchrony", description, "en", "index.html", ".", "minimal-ui", "#fffdf9", "#fffdf9", icons})
}

// Chromium wants the icon in these sizes, as bitmaps.
var iconSizes = []int{192, 512}

func iconPage(size int) string { return fmt.Sprintf("icons/%d.png", size) }

// icon draws web/icon.svg without its round corners, which systems cut as they like. All its edges are on whole pixels
// if the size is a multiple of 64.
func icon(size int) ([]byte, error) {
	back := colour("#8a2f17")
	fore := colour("#fffdf9")
	m := image.NewPaletted(image.Rect(0, 0, size, size), color.Palette{back, mixed(back, fore, 0.45), fore})
	bar := func(x, y, length, width float64, colour uint8) {
		unit := float64(size) / 32
		for py := int((y - width/2) * unit); py < int((y+width/2)*unit); py++ {
			for px := int(x * unit); px < int((x+length)*unit); px++ {
				m.SetColorIndex(px, py, colour)
			}
		}
	}
	for _, y := range []float64{11, 21} {
		bar(5, y, 22, 2, 1)
	}
	bar(5, 11, 14, 5, 2)
	for _, x := range []float64{9, 17, 25} {
		bar(x, 21, min(4, 27-x), 5, 2)
	}
	var b bytes.Buffer
	err := png.Encode(&b, m)
	return b.Bytes(), err
}
