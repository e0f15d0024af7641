package browser

import (
	"flag"
	"os"
	"sync"
	"testing"
)

// axe-core is the accessibility checker that others would run on these pages.
const (
	axeVersion = "4.14.1"
	axeSum     = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
)

var allAxe = flag.Bool("axe", false, "let axe-core look at every page in all its states")

// axeCore returns axe's source, or why it cannot be had.
var axeCore = sync.OnceValues(func() (string, error) {
	path, err := fromNPM("axe-core", axeVersion, "axe.min.js", axeSum)
	if err != nil {
		return "", err
	}
	code, err := os.ReadFile(path)
	return string(code), err
})

// axe finds what axe-core finds: of colours only, as the theme changes nothing else, or of everything.
func (b *tab) axe(where string, coloursOnly bool) {
	b.t.Helper()
	code, err := axeCore()
	if err != nil {
		return // TestAxeIsThere says so
	}
	if !js[bool](b, `'axe' in globalThis`) {
		js[bool](b, code+"\n;true")
	}
	only := ""
	if coloursOnly {
		only = `runOnly: ['color-contrast'],`
	}
	for _, wrong := range js[[]string](b, `axe.run(document, {`+only+` resultTypes: ['violations']}).then(found =>
		found.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + n.target.join(' ') + ': ' + n.failureSummary)))`) {
		b.t.Errorf("%s: axe: %s", where, wrong)
	}
}

// TestAxeIsThere fails, or is skipped where a newcomer runs it, when pages were looked at without axe.
func TestAxeIsThere(t *testing.T) {
	_, err := axeCore()
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatal(err)
	default:
		t.Skip("SKIPPED: no axe-core, so only our own audit looks at the pages: ", err)
	}
}
