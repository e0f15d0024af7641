package epub

import (
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Fate is what becomes of an element.
type Fate int

// The fates.
const (
	Keep   Fate = iota
	Unwrap      // what is in it stays
	Drop        // nothing of it stays
)

// Element is an element with its attributes, which may be changed.
type Element struct {
	Name       string
	Attributes []xml.Attr
}

// Get returns the value of an attribute; "" if it has none.
func (e *Element) Get(name string) string {
	for _, a := range e.Attributes {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// Set changes the value of an attribute that the element has.
func (e *Element) Set(name, value string) {
	for i, a := range e.Attributes {
		if a.Name.Local == name && a.Name.Space == "" {
			e.Attributes[i].Value = value
		}
	}
}

// XHTML writes HTML as XHTML: entities by their characters, attributes with their values, elements closed. look decides
// about each element.
func XHTML(source string, look func(*Element) Fate) (string, error) {
	d := xml.NewDecoder(strings.NewReader("<body>" + strings.Map(legal, source) + "</body>"))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var b strings.Builder
	var fates []Fate // of the elements that are open
	dropped := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return b.String(), nil
		}
		if err != nil {
			return "", fmt.Errorf("the page is not well-formed: %w", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			e := &Element{t.Name.Local, slices.Clone(t.Attr)}
			fate := Unwrap // of the body, which stands around all
			if len(fates) > 0 {
				fate = look(e)
			}
			fates = append(fates, fate)
			if fate == Drop {
				dropped++
			}
			if fate == Keep && dropped == 0 {
				e.open(&b)
			}
		case xml.EndElement:
			last := len(fates) - 1
			if fates[last] == Keep && dropped == 0 && !isVoid(t.Name.Local) {
				b.WriteString("</" + t.Name.Local + ">")
			}
			if fates[last] == Drop {
				dropped--
			}
			fates = fates[:last]
		case xml.CharData:
			if dropped == 0 {
				b.WriteString(html.EscapeString(string(t)))
			}
		}
	}
}

func (e *Element) open(b *strings.Builder) {
	b.WriteString("<" + e.Name)
	for _, a := range e.Attributes {
		name := a.Name.Local
		if a.Name.Space != "" { // a prefix
			name = a.Name.Space + ":" + name
		}
		fmt.Fprintf(b, ` %s="%s"`, name, strings.ReplaceAll(html.EscapeString(a.Value), "\n", "&#10;"))
	}
	if isVoid(e.Name) {
		b.WriteByte('/')
	}
	b.WriteByte('>')
}

func isVoid(name string) bool { return slices.Contains(xml.HTMLAutoClose, name) }

// legal replaces what XML cannot hold, such as control characters; so it becomes of bytes that are no text as well.
func legal(r rune) rune {
	if r == '\t' || r == '\n' || r >= ' ' && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000 {
		return r
	}
	return utf8.RuneError
}
