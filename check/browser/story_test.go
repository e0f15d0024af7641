package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
)

// shownOfResults names what readers see of the results of recorded runs.
const shownOfResults = `[...document.querySelectorAll(
	'section[data-lab] :is(.lab-picture, .story, .verdicts, .results, .lab-caption)')]
	.filter(e => !e.closest('.bench') && e.checkVisibility()).map(e => e.className)`

// While the scripts of a page are under way, nothing of a result stands on it. Where they never come, a reader unfolds
// it.
func TestNoResultBeforeTheScripts(t *testing.T) {
	b := open(t)
	base := hosted(t)
	script := &network.BlockPattern{URLPattern: "*://*:*/*/static/lab.js", Block: true}
	call(b, network.SetBlockedURLs, network.SetBlockedURLsParams{URLPatterns: []*network.BlockPattern{script}})
	b.expect("lab.js", "ERR_BLOCKED_BY_CLIENT")
	b.visit(base + "blocking.html")
	if js[bool](b, `!!globalThis.era`) {
		t.Fatal("the script of the experiments has run")
	}
	if shown := js[[]string](b, shownOfResults); len(shown) > 0 {
		t.Errorf("beside the question stand %q", shown)
	}
	b.press(`#lab-one-slow summary`, "\r")
	b.until(`document.querySelector('#lab-one-slow .lab-recorded').open`)
	shown := strings.Join(js[[]string](b, shownOfResults), " ")
	if shown != "lab-picture story verdicts results lab-caption" {
		t.Errorf("unfolded, there are %q", shown)
	}
}

// A link to a moment unfolds the run that it is in, without scripts.
func TestLinkToAMoment(t *testing.T) {
	b := open(t)
	base := hosted(t)
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.visit(base + "blocking.html")
	id := js[string](b, `document.querySelector('#lab-one-slow .story li:last-child').id`)
	b.visit(base + "blocking.html#" + id)
	b.until(`document.querySelector('#lab-one-slow .lab-recorded').open`)
	if y := js[float64](b, `document.getElementById('`+id+`').getBoundingClientRect().top`); y < 0 || y > 300 {
		t.Errorf("the moment %s stands at %v", id, y)
	}
	if list := js[int](b, `document.querySelectorAll('#lab-one-slow .story li a[href="#`+id+`"]').length`); list != 1 {
		t.Errorf("%d links to %s", list, id)
	}
}

// On paper, all of a recorded run stands after its question, on the next page.
func TestResultsOnPaper(t *testing.T) {
	for _, scripts := range []bool{true, false} {
		b := open(t)
		base := hosted(t)
		call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !scripts})
		b.visit(base + "blocking.html")
		if scripts {
			js[bool](b, `document.querySelector('#lab-one-slow').scrollIntoView(), true`)
			b.until(`document.querySelector('#lab-one-slow').classList.contains('lab-alive')`)
		}
		call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
		shown := js[[]string](b, `[...document.querySelectorAll(
			'#lab-one-slow :is(.lab-question, .lab-picture, .story, .verdicts, .results, .lab-caption)')]
			.filter(e => !e.closest('.bench') && e.checkVisibility() && e.getBoundingClientRect().height > 0)
			.map(e => e.className)`)
		if strings.Join(shown, " ") != "lab-question lab-picture story verdicts results lab-caption" {
			t.Errorf("scripts %v: on paper there are %q", scripts, shown)
		}
		rule := js[string](b, `getComputedStyle(document.querySelector('#lab-one-slow .lab-result')).breakBefore`)
		if rule != "page" {
			t.Errorf("scripts %v: the result breaks %q before it", scripts, rule)
		}
	}
}
