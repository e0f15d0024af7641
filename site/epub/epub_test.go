package epub

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"strings"
	"testing"
	"time"
)

func small() *Book {
	return &Book{ID: "urn:uuid:0", Title: `A <&> "B"`, Language: "en", Cover: "cover.png", Sheet: "a.css",
		Modified: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC),
		Documents: []Document{{Name: "one.xhtml", Title: "One & two", Part: "Part <1>", Body: "<p>One</p>",
			Sections: []Section{{"a", "<A>"}}}, {Name: "source/two.xhtml", Title: "Two", Body: "<p>Two</p>", Aside: true}},
		Files: []File{{"a.css", []byte("p {}")}, {"cover.png", []byte("png")}}}
}

func unzipped(t *testing.T, data []byte) (names []string, files map[string]string) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	files = map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if _, err := b.ReadFrom(r); err != nil {
			t.Fatal(err)
		}
		names, files[f.Name] = append(names, f.Name), b.String()
	}
	return names, files
}

// Programs know the format by its first bytes: a file of this name, not compressed, with nothing between its head and
// its content.
func TestFirstBytes(t *testing.T) {
	data, err := small().Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if first := string(data[30:58]); first != "mimetypeapplication/epub+zip" {
		t.Errorf("the file begins with %q", data[:58])
	}
	if flags := data[6]; flags != 0 {
		t.Errorf("the sizes of the first file do not stand before it: flags %x", flags)
	}
	again, err := small().Bytes()
	if err != nil || !bytes.Equal(data, again) {
		t.Error("the same book has made other bytes")
	}
}

func TestPackage(t *testing.T) {
	data, err := small().Bytes()
	if err != nil {
		t.Fatal(err)
	}
	_, files := unzipped(t, data)
	for name, file := range files {
		if !strings.HasSuffix(name, ".css") && !strings.HasSuffix(name, ".png") && name != "mimetype" {
			if err := xml.Unmarshal([]byte(file), new(struct{})); err != nil {
				t.Errorf("%s is not well-formed: %v", name, err)
			}
		}
	}
	for name, wants := range map[string][]string{
		"EPUB/package.opf": {`<dc:title>A &lt;&amp;&gt; &#34;B&#34;</dc:title>`, `properties="cover-image"`, `properties="nav"`,
			`<itemref idref="d2" linear="no"/>`, `<meta property="dcterms:modified">2026-11-22T00:00:00Z</meta>`},
		"EPUB/nav.xhtml": {`<li><span>Part &lt;1&gt;</span>`,
			`<a href="one.xhtml">One &amp; two</a>`, `<a href="one.xhtml#a">&lt;A&gt;</a>`},
		"EPUB/source/two.xhtml": {`href="../a.css"`},
	} {
		for _, want := range wants {
			if !strings.Contains(files[name], want) {
				t.Errorf("%s has no %s:\n%s", name, want, files[name])
			}
		}
	}
	if strings.Contains(files["EPUB/nav.xhtml"], "two.xhtml") {
		t.Error("the contents list a document that is reached by links only")
	}
}

func TestTwoFilesOfOneName(t *testing.T) {
	b := small()
	b.Documents = append(b.Documents, Document{Name: "nav.xhtml"})
	if _, err := b.Bytes(); err == nil || !strings.Contains(err.Error(), "nav.xhtml") {
		t.Errorf("a second nav.xhtml: %v", err)
	}
}

func TestXHTML(t *testing.T) {
	keep := func(e *Element) Fate {
		switch e.Name {
		case "button":
			return Drop
		case "span":
			return Unwrap
		}
		return Keep
	}
	for _, c := range []struct{ html, want string }{
		{`<p hidden>a<br>b&nbsp;&ldquo;c&rdquo;</p>`, "<p hidden=\"hidden\">a<br/>b\u00a0“c”</p>"},
		{`<p>1 &lt; 2 &amp; 3</p>`, `<p>1 &lt; 2 &amp; 3</p>`},
		{`<p><span>in <b>it</b></span><button>no <b>more</b></button>.</p>`, `<p>in <b>it</b>.</p>`},
		{`<a epub:type="noteref" href="#a">1</a>`, `<a epub:type="noteref" href="#a">1</a>`},
		{`<img src="a.svg" alt="&quot;a&quot;">`, `<img src="a.svg" alt="&#34;a&#34;"/>`},
		{"<p>a\x00b\x1b\u0007 \xff</p>", "<p>a\ufffdb\ufffd\ufffd \ufffd</p>"},
		{"<p>a <b>bold</p>", "<p>a <b>bold</b></p>"},
		{"<!-- no --><pre>a\n\tb</pre>", "<pre>a\n\tb</pre>"},
	} {
		got, err := XHTML(c.html, keep)
		if err != nil || got != c.want {
			t.Errorf("%s: %s (%v), want %s", c.html, got, err, c.want)
		}
	}
}
