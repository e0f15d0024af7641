package chapters

import (
	"fmt"
	"regexp"
	"strings"
)

// citations are the forms in which sources are named, and their addresses. The first that fits decides.
var citations = []struct {
	form    *regexp.Regexp
	address string // $1 is the form's first group
}{
	{regexp.MustCompile(`kqueue\(2\)`), "https://man.freebsd.org/cgi/man.cgi?query=kqueue&sektion=2"},
	{regexp.MustCompile(`([a-z]\w*)\(([2-8])\)`), "https://man7.org/linux/man-pages/man$2/$1.$2.html"},
	{regexp.MustCompile(`PEP (\d{4})`), "https://peps.python.org/pep-$1/"},
	{regexp.MustCompile(`PEP (\d{3})`), "https://peps.python.org/pep-0$1/"},
	{regexp.MustCompile(`RFC (\d+)`), "https://www.rfc-editor.org/info/rfc$1"},
	{regexp.MustCompile(`CPython, ((?:Lib|Python)/[\w/]+\.\w+|Misc/HISTORY)`),
		"https://github.com/python/cpython/blob/main/$1"},
	{regexp.MustCompile(`Python documentation, (?:Task Cancellation|asyncio\.\w+)`),
		"https://docs.python.org/3/library/asyncio-task.html"},
	{regexp.MustCompile(`Python documentation, Developing with asyncio`),
		"https://docs.python.org/3/library/asyncio-dev.html"},
	{regexp.MustCompile(`ASGI, Lifespan[\w. ]*`), "https://asgi.readthedocs.io/en/latest/specs/lifespan.html"},
	{regexp.MustCompile(`ASGI(?: specification[\w. ]*|, Extensions)`),
		"https://asgi.readthedocs.io/en/latest/specs/main.html"},
	{regexp.MustCompile(`ASGI, [\w ]+`), "https://asgi.readthedocs.io/en/latest/specs/www.html"},
	{regexp.MustCompile(`Tornado, release notes (\d\.\d\.\d)`),
		"https://www.tornadoweb.org/en/stable/releases/v$1.html"},
	{regexp.MustCompile(`Tornado, User's guide, Coroutines`),
		"https://www.tornadoweb.org/en/stable/guide/coroutines.html"},
	{regexp.MustCompile(`kegel\.com/c10k\.html`), "http://www.kegel.com/c10k.html"},
	{regexp.MustCompile(`golang\.org/x/[\w/]+`), "https://pkg.go.dev/$0"},
	{regexp.MustCompile(`(?:github\.com/\w+/\w+|go\.dev|nodejs\.org|tornadoweb\.org)`), "https://$0"},
}

var citation = func() *regexp.Regexp {
	var forms []string
	for _, c := range citations {
		forms = append(forms, c.form.String())
	}
	return regexp.MustCompile(strings.Join(forms, "|"))
}()

// cited makes links of all that a source names and that has an address. A source with links of its own stays as it is.
func cited(source words) words {
	if strings.Contains(source.text, "](") {
		return source
	}
	source.text = citation.ReplaceAllStringFunc(source.text, func(name string) string {
		for _, c := range citations {
			if at := c.form.FindStringSubmatchIndex(name); at != nil && at[1]-at[0] == len(name) {
				return fmt.Sprintf("[%s](%s)", name, c.form.ExpandString(nil, c.address, name, at))
			}
		}
		return name
	})
	return source
}
