package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// said is the sentence of the server that has the focus.
const said = `document.querySelector('.st-focused .st-said').textContent`

// step opens the stepper of a lab block.
func (b *tab) step(lab string) {
	b.t.Helper()
	door := `document.querySelector('#lab-` + lab + ` .lab-step')`
	b.until(`document.getElementById('lab-` + lab + `')`)
	js[bool](b, `(() => { document.getElementById('lab-`+lab+`').scrollIntoView(); return true })()`) // its bench opens
	b.until(door + `?.checkVisibility()`)
	js[bool](b, `(() => { `+door+`.focus(); `+door+`.click(); return true })()`)
	b.until(`document.querySelector('.stepper[open] .st-focused .st-machine:not([hidden])')`)
}

// control clicks a button of the stepper by its words.
func (b *tab) control(words string) {
	b.t.Helper()
	if !js[bool](b, fmt.Sprintf(`(() => {
		const all = [...document.querySelectorAll('.stepper button')]
		const button = all.find(one => one.textContent === %q && one.checkVisibility())
		button?.click()
		return Boolean(button)
	})()`, words)) {
		b.t.Fatalf("there is no button %q", words)
	}
}

// TestStep: the stepper opens, steps by keys and buttons, marks what has changed, goes back, keeps branches, and links
// to the moment that it shows. It gives the focus back to its door.
func TestStep(t *testing.T) {
	b := open(t)
	base := hosted(t)
	b.visit(base + "blocking.html")
	b.step("one-slow")
	if text := js[string](b, said); !strings.HasPrefix(text, "The program stands before its first call, socket()") {
		t.Errorf("it begins with %q", text)
	}
	b.do(chromedp.KeyEvent(kb.ArrowRight))
	b.until(said + ` === 'socket() = 3.'`)
	b.until(`document.querySelector('.st-focused .st-code .lit')`)
	if js[int](b, `document.querySelectorAll('.st-focused .st-new').length`) == 0 {
		t.Error("nothing is marked as changed")
	}
	for range 12 {
		b.do(chromedp.KeyEvent(kb.ArrowRight))
	}
	b.until(`document.querySelector('.st-at').value === '13'`)
	picture := `document.querySelector('.st-focused .st-machine').innerText`
	before, text := js[string](b, picture), js[string](b, said)
	b.do(chromedp.KeyEvent(kb.ArrowRight))
	b.until(said + ` !== ` + fmt.Sprintf("%q", text))
	b.do(chromedp.KeyEvent(kb.ArrowLeft))
	b.until(said + ` === ` + fmt.Sprintf("%q", text))
	if now := js[string](b, picture); now != before {
		t.Errorf("after a step and one back the machine shows\n%s\nit showed\n%s", now, before)
	}
	if js[bool](b, `document.querySelector('.st-focused .st-branches').checkVisibility()`) {
		t.Error("there are branches already")
	}
	js[bool](b, `(() => {
		document.querySelector('.st-focused .st-faults').open = true
		document.querySelector('.st-focused .st-faults button').click()
		return true
	})()`)
	b.until(`document.querySelectorAll('.st-focused .st-branch').length === 2`)
	b.axe("a branch", false)
	text = js[string](b, said)
	js[bool](b, `(() => {
		Object.defineProperty(navigator, 'clipboard', { configurable: true,
			value: { writeText: async text => { globalThis.copied = text } } })
		return true
	})()`)
	b.do(chromedp.KeyEvent("l"))
	b.until(`globalThis.copied`)
	copied := js[string](b, `globalThis.copied`)
	b.do(chromedp.KeyEvent(kb.Escape))
	b.until(`!document.querySelector('.stepper[open]')`)
	b.until(`document.activeElement.classList.contains('lab-step')`)
	b.clean("the stepper")
	other := open(t)
	other.visit(copied)
	other.until(`document.querySelector('.stepper[open] .st-focused')`)
	other.until(said + ` === ` + fmt.Sprintf("%q", text))
	other.clean("a link to a moment")
}

// TestStepFromDisk: the stepper needs no host.
func TestStepFromDisk(t *testing.T) {
	b := open(t)
	b.visit(exported(t) + "select.html")
	b.step("one-slow-select")
	b.control("Step ▶")
	b.until(said + ` === 'socket() = 3.'`)
	js[bool](b, `(() => { document.querySelector('.st-tools').open = true; return true })()`)
	b.control("To the end")
	b.until(`document.querySelector('.st-focused .st-machine').innerText.includes('gone · 1 of 1 reply')`)
	b.clean("from disk")
}

// TestStepFinds: the search finds a run that breaks the property, and plays it.
func TestStepFinds(t *testing.T) {
	b := open(t)
	b.visit(hosted(t) + "nonblocking.html")
	b.step("slow-reader")
	js[bool](b, `(() => {
		document.querySelector('.st-tools').open = true
		document.querySelector('[aria-label="What to find"]').value = 'spins'
		return true
	})()`)
	b.control("Find it for me")
	b.until(`/^Found by/.test(document.querySelector('.st-status').textContent)`)
	t.Log(js[string](b, `document.querySelector('.st-status').textContent`))
	b.clean("the search")
}

// TestStepOnAPhone: one server at a time, nothing wider than the screen, and the controls in sight.
func TestStepOnAPhone(t *testing.T) {
	b := open(t)
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 390, Height: 844,
		DeviceScaleFactor: 2, Mobile: true})
	b.visit(hosted(t) + "select.html")
	b.step("one-slow-select")
	for range 25 {
		b.control("Step ▶")
	}
	wide := js[[]string](b, `[...document.querySelectorAll('.stepper *')].filter(one => one.checkVisibility() &&
		one.getBoundingClientRect().right > 391 && !one.closest('.st-code, .st-choices')).map(one => one.outerHTML)`)
	if len(wide) > 0 {
		t.Errorf("wider than the screen: %q", wide)
	}
	if n := js[int](b, `[...document.querySelectorAll('.st-side')].filter(one => one.checkVisibility()).length`); n != 1 {
		t.Errorf("%d servers are shown", n)
	}
	if !js[bool](b, `document.querySelector('.st-main').getBoundingClientRect().bottom <= innerHeight`) {
		t.Error("Step is out of sight")
	}
	b.axe("on a phone", false)
	b.clean("on a phone")
}
