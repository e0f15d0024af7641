// Package epub writes EPUB 3 publications. The same book gives the same bytes.
package epub

import (
	"archive/zip"
	"bytes"
	"fmt"
	"hash/crc32"
	"html"
	"path"
	"strings"
	"time"
)

// Book is a publication. Names of documents and files are their addresses, relative to each other: "a/b.xhtml".
type Book struct {
	ID          string // which stays the same when the book is revised: "urn:uuid:…"
	Title       string
	Language    string
	Creator     string
	Description string
	Rights      string
	Modified    time.Time
	Summary     string // of how accessible the book is, in a sentence or two
	Cover       string // the name of a picture among the files
	CoverSays   string // what it shows
	Sheet       string // the name of the style sheet among the files
	Documents   []Document
	Files       []File
}

// Document is a page, in the order of reading.
type Document struct {
	Name  string // "blocking.xhtml"
	Title string
	Part  string // of the book; "" where it belongs to none
	Type  string // its meaning, as epub:type: "chapter"; may be empty
	// Landmark is its meaning in the list of landmarks, "bodymatter"; "" where it is not one.
	Landmark string
	Body     string // XHTML
	Aside    bool   // it is reached by links and is not read in passing
	Sections []Section
}

// Section is an entry of the contents below its document.
type Section struct{ ID, Title string }

// File is what documents need: a picture, a style sheet.
type File struct {
	Name string
	Data []byte
}

// Names that documents and files must not have.
const (
	packageName = "package.opf"
	navName     = "nav.xhtml"
	coverName   = "cover.xhtml"
	folder      = "EPUB/"
)

// mediaTypes are those of the files, by extension.
var mediaTypes = map[string]string{
	".xhtml": "application/xhtml+xml",
	".css":   "text/css",
	".svg":   "image/svg+xml",
	".png":   "image/png",
}

// Bytes returns the publication as the file that a reader opens.
func (b *Book) Bytes() ([]byte, error) {
	taken := map[string]bool{packageName: true, navName: true, coverName: true}
	for _, name := range b.names() {
		switch {
		case taken[name]:
			return nil, fmt.Errorf("the e-book has two files of the name %s", name)
		case mediaTypes[path.Ext(name)] == "":
			return nil, fmt.Errorf("%s: an e-book has no files of this kind", name)
		}
		taken[name] = true
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	if err := stored(z, "mimetype", []byte("application/epub+zip")); err != nil {
		return nil, err
	}
	add := func(name string, data []byte) error {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: b.Modified.UTC()})
		if err == nil {
			_, err = w.Write(data)
		}
		if err != nil {
			return fmt.Errorf("put %s into the e-book: %w", name, err)
		}
		return nil
	}
	all := []File{{"META-INF/container.xml", []byte(container)}, {folder + packageName, []byte(b.pack())},
		{folder + coverName, []byte(b.page(b.cover()))}, {folder + navName, []byte(b.page(b.nav()))}}
	for _, d := range b.Documents {
		all = append(all, File{folder + d.Name, []byte(b.page(d))})
	}
	for _, f := range b.Files {
		all = append(all, File{folder + f.Name, f.Data})
	}
	for _, f := range all {
		if err := add(f.Name, f.Data); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("end the e-book: %w", err)
	}
	return out.Bytes(), nil
}

func (b *Book) names() (all []string) {
	for _, d := range b.Documents {
		all = append(all, d.Name)
	}
	for _, f := range b.Files {
		all = append(all, f.Name)
	}
	return all
}

// stored adds a file as it is, with its size in front of it and nothing else: so the format asks of its first file, by
// which programs know it.
func stored(z *zip.Writer, name string, data []byte) error {
	size := uint64(len(data))
	w, err := z.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(data),
		CompressedSize64: size, UncompressedSize64: size})
	if err == nil {
		_, err = w.Write(data)
	}
	if err != nil {
		return fmt.Errorf("put %s into the e-book: %w", name, err)
	}
	return nil
}

const declaration = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

const container = declaration + `<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="` + folder + packageName + `" media-type="application/oebps-package+xml"/></rootfiles>
</container>
`

// pack is the package document: what the book is, and what it consists of.
func (b *Book) pack() string {
	var p strings.Builder
	text := html.EscapeString
	fmt.Fprintf(&p, declaration+`<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="%s">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
`, text(b.Language))
	for _, m := range []struct{ element, value string }{
		{`dc:identifier id="id"`, b.ID}, {"dc:title", b.Title}, {"dc:language", b.Language}, {"dc:creator", b.Creator},
		{"dc:description", b.Description}, {"dc:rights", b.Rights},
		{`meta property="dcterms:modified"`, b.Modified.UTC().Format("2006-01-02T15:04:05Z")},
		{`meta property="schema:accessMode"`, "textual"}, {`meta property="schema:accessMode"`, "visual"},
		{`meta property="schema:accessModeSufficient"`, "textual"},
		{`meta property="schema:accessibilityFeature"`, "alternativeText"},
		{`meta property="schema:accessibilityFeature"`, "structuralNavigation"},
		{`meta property="schema:accessibilityFeature"`, "tableOfContents"},
		{`meta property="schema:accessibilityHazard"`, "none"},
		{`meta property="schema:accessibilitySummary"`, b.Summary},
	} {
		if m.value != "" {
			name, _, _ := strings.Cut(m.element, " ")
			fmt.Fprintf(&p, "<%s>%s</%s>\n", m.element, text(m.value), name)
		}
	}
	p.WriteString("</metadata>\n<manifest>\n")
	item := func(id, name, properties string) {
		if properties != "" {
			properties = ` properties="` + properties + `"`
		}
		fmt.Fprintf(&p, `<item id="%s" href="%s" media-type="%s"%s/>`+"\n", id, text(name), mediaTypes[path.Ext(name)],
			properties)
	}
	item("cover", coverName, "")
	item("nav", navName, "nav")
	for i, d := range b.Documents {
		item(fmt.Sprint("d", i+1), d.Name, "")
	}
	for i, f := range b.Files {
		properties := ""
		if f.Name == b.Cover {
			properties = "cover-image"
		}
		item(fmt.Sprint("f", i+1), f.Name, properties)
	}
	p.WriteString("</manifest>\n<spine>\n<itemref idref=\"cover\"/>\n<itemref idref=\"nav\"/>\n")
	for i, d := range b.Documents {
		linear := ""
		if d.Aside {
			linear = ` linear="no"`
		}
		fmt.Fprintf(&p, `<itemref idref="d%d"%s/>`+"\n", i+1, linear)
	}
	p.WriteString("</spine>\n</package>\n")
	return p.String()
}

// page is a document as a file.
func (b *Book) page(d Document) string {
	up, body, sheet := strings.Repeat("../", strings.Count(d.Name, "/")), "<body>", ""
	if d.Type != "" {
		body = `<body epub:type="` + d.Type + `">`
	}
	if b.Sheet != "" {
		sheet = fmt.Sprintf(`<link rel="stylesheet" type="text/css" href="%s"/>`+"\n", html.EscapeString(up+b.Sheet))
	}
	language := html.EscapeString(b.Language)
	return fmt.Sprintf(declaration+`<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="%s" xml:lang="%[1]s">
<head>
<meta charset="UTF-8"/>
<title>%s</title>
%s</head>
%s
%s
</body>
</html>
`, language, html.EscapeString(d.Title), sheet, body, d.Body)
}

func (b *Book) cover() Document {
	return Document{Name: coverName, Title: b.Title, Type: "cover",
		Body: fmt.Sprintf(`<p class="cover"><img src="%s" alt="%s"/></p>`, html.EscapeString(b.Cover),
			html.EscapeString(b.CoverSays))}
}

// nav is the document with the contents, which a reading program shows in its own way as well.
func (b *Book) nav() Document {
	var n strings.Builder
	text := html.EscapeString
	n.WriteString("<nav epub:type=\"toc\" id=\"toc\">\n<h1>Contents</h1>\n<ol>\n")
	part := ""
	enter := func(next string) {
		if part != next && part != "" {
			n.WriteString("</ol>\n</li>\n")
		}
		if part != next && next != "" {
			fmt.Fprintf(&n, "<li><span>%s</span>\n<ol>\n", text(next))
		}
		part = next
	}
	for _, d := range b.Documents {
		if d.Aside {
			continue
		}
		enter(d.Part)
		fmt.Fprintf(&n, `<li><a href="%s">%s</a>`, text(d.Name), text(d.Title))
		if len(d.Sections) > 0 {
			n.WriteString("\n<ol>\n")
			for _, s := range d.Sections {
				fmt.Fprintf(&n, `<li><a href="%s#%s">%s</a></li>`+"\n", text(d.Name), text(s.ID), text(s.Title))
			}
			n.WriteString("</ol>\n")
		}
		n.WriteString("</li>\n")
	}
	enter("")
	n.WriteString("</ol>\n</nav>\n<nav epub:type=\"landmarks\" hidden=\"hidden\">\n<h2>Landmarks</h2>\n<ol>\n")
	landmark := func(kind, to, title string) {
		fmt.Fprintf(&n, `<li><a epub:type="%s" href="%s">%s</a></li>`+"\n", kind, text(to), text(title))
	}
	landmark("cover", coverName, "Cover")
	landmark("toc", navName+"#toc", "Contents")
	for _, d := range b.Documents {
		if d.Landmark != "" {
			landmark(d.Landmark, d.Name, d.Title)
		}
	}
	n.WriteString("</ol>\n</nav>")
	return Document{Name: navName, Title: "Contents", Body: n.String()}
}
