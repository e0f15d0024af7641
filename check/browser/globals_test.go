package browser

import (
	"slices"
	"testing"

	"github.com/chromedp/cdproto/page"
)

// TestGlobalNames: of all that the scripts define, other scripts see one name, and only where there may be experiments.
func TestGlobalNames(t *testing.T) {
	b := open(t)
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `globalThis.before = null; before = new Set(Object.getOwnPropertyNames(globalThis))`,
	})
	for name, want := range map[string][]string{"blocking.html": {"era"}, "404.html": nil} {
		b.visit(exported(t) + name)
		b.openBenches()
		if got := js[[]string](b, `Object.getOwnPropertyNames(globalThis).filter(name => !before.has(name))`); !slices.Equal(got, want) {
			t.Errorf("%s: the scripts define %q, want %q", name, got, want)
		}
	}
	b.clean("global names")
}
