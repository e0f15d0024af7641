package main

import (
	"html/template"
	"net/url"
	"strings"
	"sync"
	"time"
)

// link is an entry of the list.
type link struct {
	ID    int
	Title string
	To    string
}

// shelf keeps the links. Both sites share it: a framework handles requests, and does not care what they are for.
type shelf struct {
	mu    sync.Mutex // never held while waiting, so that a task of a loop may take it too
	links []link
}

func newShelf() *shelf {
	return &shelf{links: []link{{1, "PEP 3333", "https://peps.python.org/pep-3333/"},
		{2, "ASGI", "https://asgi.readthedocs.io/"}}}
}

const most = 500 // links

// add puts a link on the shelf. If it cannot, wrong gives the reason, for the page.
func (s *shelf) add(form url.Values) (l link, wrong string) {
	title, to := strings.TrimSpace(form.Get("title")), strings.TrimSpace(form.Get("to"))
	address, err := url.Parse(to)
	switch {
	case title == "" || len(title) > 200:
		return l, "A link needs a title, of 200 bytes at most."
	case err != nil || address.Scheme != "http" && address.Scheme != "https" || address.Host == "" || len(to) > 2000:
		return l, "The address must begin with http:// or https://."
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.links) == most {
		return l, "The shelf is full."
	}
	l = link{len(s.links) + 1, title, to}
	s.links = append(s.links, l)
	return l, ""
}

func (s *shelf) all() []link {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]link{}, s.links...)
}

// find returns the link whose number the path names; ok is false if there is no such link.
func (s *shelf) find(id string) (l link, ok bool) {
	for _, l := range s.all() {
		if id == number(l.ID) {
			return l, true
		}
	}
	return l, false
}

// seen is the data of the templates. Root is the path under which the pages are mounted.
type seen struct {
	Root  string
	Links []link
	Link  link
	Wrong string     // what is wrong with the form
	Form  url.Values // the values that were sent
	Title string
}

// templates make the pages. html/template escapes every value for the place where it stands.
var templates = template.Must(template.New("").Parse(`
{{define "top"}}<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{{.Title}}</title>
<style>body{font:1.1rem/1.5 serif;max-width:34rem;margin:2rem auto;padding:0 1rem}label{display:block}input{font:inherit;width:100%}</style>
<h1>{{.Title}}</h1>
{{end}}

{{define "list"}}{{template "top" .}}
<ul>{{$root := .Root}}{{range .Links}}
<li><a href="{{$root}}/{{.ID}}">{{.Title}}</a>{{end}}
</ul>
<form method="post" action="{{.Root}}">{{with .Wrong}}
<p role="alert">{{.}}</p>{{end}}
<p><label>Title <input name="title" required maxlength="200" value="{{.Form.Get "title"}}"></label>
<p><label>Address <input name="to" type="url" required value="{{.Form.Get "to"}}"></label>
<p><button>Add</button>
</form>
{{end}}

{{define "link"}}{{template "top" .}}
<p><a href="{{.Link.To}}" rel="noreferrer">{{.Link.To}}</a>
<p><a href="{{.Root}}">All links</a>
{{end}}

{{define "error"}}{{template "top" .}}
<p>This is all we have to say. <a href="{{.Root}}">All links</a>
{{end}}`))

// serverTiming returns a header that browsers show among a request's times.
func serverTiming(began time.Time) (name, value string) {
	return "Server-Timing", "app;dur=" + milliseconds(time.Since(began))
}
