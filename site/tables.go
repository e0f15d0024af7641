package site

import (
	"fmt"
	"html"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"

	"era/chapters"
)

// tableRenderer renders tables that a phone can show: there, each row is a small list, and each cell in it names its
// column. A table that is no longer laid out as one loses its roles, so all of its parts have explicit roles.
type tableRenderer struct{ *view }

func (r tableRenderer) RegisterFuncs(register renderer.NodeRendererFuncRegisterer) {
	register.Register(east.KindTable, r.table)
	register.Register(east.KindTableHeader, r.header)
	register.Register(east.KindTableRow, r.row)
	register.Register(east.KindTableCell, r.cell)
}

// table may be wider than the text: it then scrolls by itself. Its name is made of the heads of its columns.
func (r tableRenderer) table(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		var heads []string
		for c := n.FirstChild().FirstChild(); c != nil; c = c.NextSibling() {
			if head := (chapters.Text{Node: c, Source: source}).Plain(); head != "" {
				heads = append(heads, head)
			}
		}
		fmt.Fprintf(w, `<div class="scroll" tabindex="0" role="group" aria-label="%s"%s><table class="stacks" role="table">`+"\n",
			html.EscapeString(r.say("Table: %1", strings.Join(heads, ", "))), langOf(n))
	} else {
		w.WriteString("</tbody></table></div>\n")
	}
	return ast.WalkContinue, nil
}

func (tableRenderer) header(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		w.WriteString(`<thead role="rowgroup"><tr role="row">`)
	} else {
		w.WriteString("</tr></thead>\n<tbody role=\"rowgroup\">\n")
	}
	return ast.WalkContinue, nil
}

func (tableRenderer) row(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		w.WriteString(`<tr role="row">`)
	} else {
		w.WriteString("</tr>\n")
	}
	return ast.WalkContinue, nil
}

// cell renders the head of a column, the head of a row, which is its first cell, or a plain cell.
func (tableRenderer) cell(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	inHeader := n.Parent().Kind() == east.KindTableHeader
	name := "th"
	if inHeader && !n.HasChildren() || !inHeader && n.PreviousSibling() != nil {
		name = "td" // a corner with nothing in it is not a heading
	}
	if !entering {
		fmt.Fprintf(w, "</%s>", name)
		return ast.WalkContinue, nil
	}
	switch {
	case inHeader && name == "td":
		w.WriteString(`<td role="cell"`)
	case inHeader:
		w.WriteString(`<th role="columnheader" scope="col"`)
	case name == "th":
		w.WriteString(`<th role="rowheader" scope="row"`)
		// of what?
		if text := (chapters.Text{Node: n, Source: source}).Plain(); text != "" && unicode.IsDigit(rune(text[0])) {
			fmt.Fprintf(w, ` data-column="%s"`, html.EscapeString(columnOf(n, source)))
		}
	default:
		fmt.Fprintf(w, `<td role="cell" data-column="%s"`, html.EscapeString(columnOf(n, source)))
	}
	if n.(*east.TableCell).Alignment == east.AlignRight {
		w.WriteString(` class="right"`)
	}
	w.WriteByte('>')
	return ast.WalkContinue, nil
}

// columnOf returns the text at the head of a cell's column.
func columnOf(cell ast.Node, source []byte) string {
	head := cell.Parent().Parent().FirstChild().FirstChild()
	for c := cell.PreviousSibling(); c != nil && head != nil; c = c.PreviousSibling() {
		head = head.NextSibling()
	}
	if head == nil {
		return ""
	}
	return chapters.Text{Node: head, Source: source}.Plain()
}
