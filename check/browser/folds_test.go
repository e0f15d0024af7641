package browser

import (
	"strconv"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// TestFolds closes and opens a row of lanes that is open at first, with the keyboard, by a click on the picture and by
// walking into it.
func TestFolds(t *testing.T) {
	b := open(t)
	b.visit(exported(t) + "blocking.html")
	b.openBenches()
	b.reveal(`section.lab`)
	fold, canvas := `document.querySelector('section.lab .lab-fold')`, `section.lab .lab-canvas`
	shown := func(open string) string { return fold + `.getAttribute('aria-expanded') === '` + open + `'` }
	height := `document.querySelector('` + canvas + `').clientHeight`
	b.until(shown("true"))
	b.press(`section.lab .lab-fold`, " ")
	b.until(shown("false"))
	folded := js[int](b, height)

	b.press(`section.lab .lab-fold`, kb.Enter)
	b.until(shown("true") + ` && ` + height + ` > ` + strconv.Itoa(folded))
	if box := js[[]float64](b, `(() => { const box = `+fold+`.getBoundingClientRect(); return [box.width, box.height] })()`); box[0] < 24 ||
		box[1] < 24 {
		t.Errorf("the fold's button measures %v, want 24 by 24 at least", box)
	}
	b.press(`section.lab .lab-fold`, " ")
	b.until(shown("false") + ` && ` + height + ` === ` + strconv.Itoa(folded))

	js[bool](b, `(() => {
		const box = `+fold+`.getBoundingClientRect()
		const at = { bubbles: true, clientX: box.right + 200, clientY: box.top + box.height / 2 }
		document.querySelector('`+canvas+`').dispatchEvent(new MouseEvent('click', at))
		return true
	})()`)
	b.until(shown("true"))
	b.press(`section.lab .lab-fold`, kb.Enter)
	b.until(shown("false"))

	// Down from lane to lane, into the fold.
	for range 4 {
		b.press(canvas, kb.ArrowDown)
	}
	b.until(shown("true"))
	b.until(`document.querySelector('section.lab .lab-sentence').textContent`)
	b.clean("folds")
}
