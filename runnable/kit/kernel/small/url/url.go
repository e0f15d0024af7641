// Package url is what a module of the simulated kernel has instead of net/url. A test compares the two.
package url

import (
	"errors"
	"strconv"
	"strings"
)

var errEscape = errors.New("invalid URL escape")

// PathUnescape turns %41 into A. A percent sign without two digits is an error.
func PathUnescape(text string) (string, error) { return unescape(text, false) }

// QueryUnescape is the same for queries, where + is a space.
func QueryUnescape(text string) (string, error) { return unescape(text, true) }

func unescape(text string, query bool) (string, error) {
	var b []byte
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '+' && query:
			c = ' '
		case c == '%':
			if len(text) < i+3 {
				return "", errEscape
			}
			n, err := strconv.ParseUint(text[i+1:i+3], 16, 8)
			if err != nil {
				return "", errEscape
			}
			c = byte(n)
			i += 2
		}
		b = append(b, c)
	}
	return string(b), nil
}

// Values are the fields of a query.
type Values map[string][]string

// Get returns the first value of a field, or "".
func (v Values) Get(name string) string {
	if len(v[name]) == 0 {
		return ""
	}
	return v[name][0]
}

// Has tells whether there is such a field.
func (v Values) Has(name string) bool { return len(v[name]) > 0 }

// ParseQuery reads a query. It returns all fields that are well-formed, and an error if one is not.
func ParseQuery(query string) (Values, error) {
	v := Values{}
	var wrong error
	for field := range strings.SplitSeq(query, "&") {
		if strings.Contains(field, ";") {
			wrong = errors.New("invalid semicolon separator in query")
			continue
		}
		if field == "" {
			continue
		}
		name, value, _ := strings.Cut(field, "=")
		name, err := unescape(name, true)
		if err == nil {
			value, err = unescape(value, true)
		}
		if err != nil {
			wrong = err
			continue
		}
		v[name] = append(v[name], value)
	}
	return v, wrong
}
