package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// TestMatrix: with the right to run, all cells are run on this machine, one after the other; Stop leaves the table
// whole.
func TestMatrix(t *testing.T) {
	b := open(t)
	host := serve(t)
	b.enter(host.address + "gateways.html" + host.key)
	const run, verdict = `section.matrix .lab-run`, `document.querySelector('section.matrix .matrix-verdict').textContent`
	cells := js[int](b, `document.querySelectorAll('section.matrix td:not(.missing)').length`)
	b.until(`document.querySelector('` + run + `')`)
	b.press(run, kb.Enter)
	b.until(verdict + `.startsWith('Running')`)
	b.press(run, kb.Enter)
	b.until(verdict + `.startsWith('Stopped.')`)
	if left := js[int](b, `document.querySelectorAll('section.matrix .waits').length`); left > 0 {
		t.Errorf("%d cells wait forever", left)
	}
	b.press(run, kb.Enter)
	b.until(verdict + `.startsWith('Done')`)
	if said := js[string](b, verdict); !strings.Contains(said, "gave the same answers") {
		t.Error(said)
	}
	if same := js[int](b, `document.querySelectorAll('section.matrix td.same').length`); same != cells {
		t.Errorf("%d of %d cells are the same: %s", same, cells, js[string](b, `document.querySelector('section.matrix .matrix-differs').textContent`))
	}
	if focus := js[string](b, `document.activeElement.textContent`); focus != "Run all cells" {
		t.Errorf("the focus is on %q", focus)
	}
}

// TestMatrixDiffers: a cell that differs says so in its place and in words, and a program's answer is shown as text.
func TestMatrixDiffers(t *testing.T) {
	b := open(t)
	s := newStand(t)
	b.enter(s.address + "gateways.html" + s.key)
	b.until(`document.querySelector('section.matrix .lab-run')`)
	b.press(`section.matrix .lab-run`, kb.Enter)
	b.until(`document.querySelector('section.matrix .matrix-verdict').textContent.includes('0 of 1 cells')`)
	if cell := js[string](b, `document.querySelector('section.matrix td.differs').textContent`); !strings.HasPrefix(cell, "✗ differs 012345") {
		t.Errorf("the cell says %q", cell)
	}
	const want = `Small framework, micro on Event loop: GET /: a body that begins "<img src=x onerror=alert(1)>"`
	if said := js[string](b, `document.querySelector('section.matrix .matrix-differs').textContent`); said != want {
		t.Errorf("%q, want %q", said, want)
	}
	// The matrix is over: what runs next does not stop it.
	b.until(`(window.next ??= era.live.run({ frame() {} }, { scenario: 'one-slow', servers: [] }).then(() => { window.ran = true }), window.ran)`)
	if verdict := js[string](b, `document.querySelector('section.matrix .matrix-verdict').textContent`); !strings.Contains(verdict, "0 of 1 cells") {
		t.Errorf("when something else runs, the matrix says %q", verdict)
	}
}
