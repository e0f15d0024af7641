package scenario

import (
	"bytes"
	"regexp"
	"slices"
	"sync"

	"era/catalogue"
)

// Fits reports whether a server does what the clients of the scenario want of it.
func (s Scenario) Fits(server catalogue.Server) bool {
	if !server.Understands(s.Speaks) || s.Only && !slices.ContainsFunc(s.Servers, func(name string) bool {
		v, err := catalogue.Find(name)
		return err == nil && v.Server.ID == server.ID
	}) {
		return false
	}
	for _, target := range targets()[s.Name] {
		if !server.Answers(target) {
			return false
		}
	}
	return true
}

var requestLine = regexp.MustCompile(`^(?:GET|POST) (\S+) HTTP/1\.1\r\n`)

// targets are those that the clients of each scenario ask for, with its default settings, once each.
var targets = sync.OnceValue(func() map[string][]string {
	all := map[string][]string{}
	for _, s := range All {
		e, err := New(s.Name, nil, 1)
		if err != nil {
			panic(err) // New is tested with all of them
		}
		seen := map[string]bool{}
		for _, c := range e.Script().Clients {
			if m := requestLine.FindSubmatch(c.opening()); m != nil && !seen[string(m[1])] {
				seen[string(m[1])] = true
				all[s.Name] = append(all[s.Name], string(m[1]))
			}
		}
	}
	return all
})

// opening returns what the client sends of requests up to the end of a line, or more.
func (c Client) opening() (sent []byte) {
	for _, step := range c.Steps {
		if step.Do == Send && !bytes.Contains(sent, []byte("\r\n")) {
			sent = append(sent, step.Bytes...)
		}
	}
	return sent
}
