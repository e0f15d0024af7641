package browser

import (
	"slices"
	"testing"
)

// TestDoors: the experiments whose servers can be stepped have a door, and so have runs that the book tells. Only their
// pages may compile WebAssembly.
func TestDoors(t *testing.T) {
	built, err := export()
	if err != nil {
		t.Fatal(err)
	}
	const compiles = `(() => {
		try {
			return !!new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))
		} catch {
			return false
		}
	})()`
	onBoth(t, built, func(t *testing.T, b *tab, base string) {
		b.visit(base + "goroutines.html")
		b.until(`document.querySelector('#lab-crowd-goroutines .lab-step')`)
		b.visit(base + "blocking.html")
		b.until(`document.querySelectorAll('.lab-step').length >= 4`)
		blocks := js[[]string](b, `[...document.querySelectorAll('.lab-step')].map(door => door.closest('[id]:is(.lab)').id)`)
		for _, want := range []string{"lab-one-slow", "steps-first-answer", "steps-none-served"} {
			if !slices.Contains(blocks, want) {
				t.Errorf("%s has no door; those that have: %v", want, blocks)
			}
		}
		if !js[bool](b, `document.querySelector('#steps-none-served .lab-step').compareDocumentPosition(
			document.querySelector('#steps-none-served details')) & Node.DOCUMENT_POSITION_FOLLOWING ? true : false`) {
			t.Error("the door of a puzzle is behind its answer")
		}
		if !js[bool](b, compiles) {
			t.Error("a page with doors may not compile WebAssembly")
		}
		b.visit(base + "lab/one-slow.html")
		b.until(`document.querySelector('.lab-step')`)
		b.visit(base + "glossary.html")
		b.until(`document.readyState === 'complete'`)
		if js[bool](b, compiles) {
			t.Error("a page without doors may compile WebAssembly")
		}
	})
}
