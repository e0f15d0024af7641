package browser

import (
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp/kb"
)

// still asks for pages on which nothing moves by itself.
func (b *tab) still() {
	b.t.Helper()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-reduced-motion", Value: "reduce"},
	}})
}

// reveal skips the guess of a bench, and waits for its results.
func (b *tab) reveal(lab string) {
	b.t.Helper()
	b.press(lab+` .lab-guess button[type=button]`, kb.Enter)
	b.until(`document.querySelector('` + lab + ` .lab-verdicts li')`)
}

// TestLabels reads what the picture of the first experiment says, and what its folds do, at its end and at its
// beginning.
func TestLabels(t *testing.T) {
	const lab = `#lab-one-slow`
	b := open(t)
	b.still()
	b.visit(exported(t) + "blocking.html")
	b.openBenches()
	b.reveal(lab)
	says := `document.querySelector('` + lab + ` .lab-canvas').textContent`
	fold := `document.querySelector('` + lab + ` .lab-fold').textContent`
	b.until(says + `.includes('gave up waiting ×20')`)
	for _, label := range []string{"blocked in read on slow 1", "20 clients wait to be accepted"} {
		if all := js[string](b, says); !strings.Contains(all, label) {
			t.Errorf("%q is not a label: %s", label, all)
		}
	}
	b.until(fold + ` === 'fast × 20\n0 answered\n20 failed'`)
	if open := js[string](b, `document.querySelector('`+lab+` .lab-fold').getAttribute('aria-expanded')`); open != "true" {
		t.Errorf("twenty clients are folded: aria-expanded is %q", open)
	}

	b.press(lab+` .lab-scrub`, kb.Home)
	b.until(fold + ` === 'fast × 20\n0 answered'`)
	b.until(`!` + says + `.includes('gave up') && !` + says + `.includes('20 clients')`)

	// The legend says in words what its signs mean, and no words wait for a mouse.
	b.press(lab+` .lab-legend summary`, kb.Enter)
	b.until(`document.querySelector('` + lab + ` .lab-legend dd')?.checkVisibility()`)
	if meaning := js[string](b, `document.querySelector('`+lab+` .lab-legend dl').textContent`); !strings.Contains(meaning,
		"the kernel holds the connection") {
		t.Errorf("the legend says %q", meaning)
	}
	if n := js[int](b, `document.querySelectorAll('`+lab+` .lab-legend [title]').length`); n != 0 {
		t.Errorf("%d signs of the legend have a title", n)
	}
	b.clean("labels")
}

// TestCoveredRowsTellNothing looks at a question whose answer is how many lanes there are.
func TestCoveredRowsTellNothing(t *testing.T) {
	const lab = `#lab-crowd-coroutines`
	b := open(t)
	b.still()
	b.visit(exported(t) + "coroutines.html")
	b.openBenches()
	view := `[...document.querySelectorAll('` + lab + ` .lab-view')].map(view => view.textContent).join(' ')`
	heights := `[...document.querySelectorAll('` + lab + ` .lab-canvas')].map(canvas => canvas.clientHeight)`
	b.until(heights + `.length === 3`)
	if words := js[string](b, view); regexp.MustCompile(`\d`).MatchString(words) {
		t.Errorf("the covered pictures say %q", words)
	}
	if js[bool](b, `document.querySelector('`+lab+` .lab-legend').checkVisibility()`) {
		t.Error("the covered pictures have a legend")
	}
	covered := js[[]int](b, heights)
	if covered[0] != covered[1] { // one has 21 threads, the other one
		t.Errorf("the covered pictures are %v px high", covered)
	}
	b.reveal(lab)
	b.until(view + `.includes('21 threads')`)
	b.clean("covered rows")
}

// TestSignsWithoutScripts folds and unfolds what teaches the signs, where no script runs.
func TestSignsWithoutScripts(t *testing.T) {
	b := open(t)
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.visit(exported(t) + "blocking.html")
	visible := `document.querySelector('.signs li b').checkVisibility()`
	if !js[bool](b, visible) {
		t.Error("the signs are folded at first")
	}
	b.press(`.signs summary`, kb.Enter)
	if js[bool](b, visible) {
		t.Error("the signs cannot be folded without scripts")
	}
}
