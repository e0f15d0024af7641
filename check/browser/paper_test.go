package browser

import (
	"testing"
)

// TestPaper: a chapter that is printed shows all of its pictures, tables and answers, and no buttons.
func TestPaper(t *testing.T) {
	b := open(t)
	base := exported(t)
	b.window(703, 1000) // A4 within its margins
	for _, page := range []string{"blocking.html", "epoll.html", "gateways.html", "websocket.html"} {
		b.visit(base + page)
		b.openBenches()
		b.window(703, 1000, "print")
		js[bool](b, `(dispatchEvent(new Event('beforeprint')), true)`)
		for _, wrong := range js[[]string](b, `(() => {
			const all = selector => [...document.querySelectorAll(selector)], wrong = []
			const name = e => e.tagName + '.' + (e.getAttribute('class') || '') + ' "' + e.textContent.trim().slice(0, 30) + '"'
			const seen = e => e.checkVisibility() && e.getClientRects().length > 0
			const right = document.documentElement.clientWidth
			for (const e of all('main .lanes, main table, main pre, main .code .l')) {
				if (seen(e) && e.getBoundingClientRect().right > right + 1) wrong.push('cut off: ' + name(e))
			}
			for (const e of all('main *')) {
				if (seen(e) && /auto|scroll|hidden/.test(getComputedStyle(e).overflow) && e.scrollHeight > e.clientHeight + 2 && !e.closest('svg') &&
					getComputedStyle(e).clipPath === 'none') wrong.push('its end is hidden: ' + name(e))
			}
			for (const e of all('.lab-recorded .lanes, .lab-recorded .results, .why .right, .know li')) if (!seen(e)) wrong.push('not printed: ' + name(e))
			for (const e of all('button, select, .masthead a:not(.brand), summary, .contents, .pager')) if (seen(e)) wrong.push('printed: ' + name(e))
			// What may not be broken is lower than half a page; what may is no box that cannot be.
			for (const e of all('main *')) {
				const s = getComputedStyle(e)
				if (!seen(e) || e.closest('svg')) continue
				const whole = s.breakInside === 'avoid' || /inline-block|inline-flex/.test(s.display) || /auto|scroll/.test(s.overflowY)
				if (whole && e.offsetHeight > innerHeight / 2 && !e.matches('.lab-picture')) wrong.push('leaves a page half empty: ' + name(e))
			}
			for (const e of all('main :is(h2, h3)')) if (seen(e) && getComputedStyle(e).breakAfter !== 'avoid') wrong.push('may stand alone: ' + name(e))
			return wrong
		})()`) {
			t.Errorf("%s: %s", page, wrong)
		}
		js[bool](b, `(dispatchEvent(new Event('afterprint')), true)`)
		if js[bool](b, `!!document.querySelector('.quiz .why[open]')`) {
			t.Errorf("%s: the answers stay open after printing", page)
		}
		b.window(703, 1000)
	}
	b.clean("paper")
}

// TestAnswersOnPaper: on paper no result and no answer stands beside its question. All of them are on pages of their
// own, at the end; when the page was printed, it is as it was before.
func TestAnswersOnPaper(t *testing.T) {
	b := open(t)
	b.visit(exported(t) + "blocking.html")
	b.openBenches()
	const page = `[...document.querySelectorAll('main *')].filter(e => !e.closest('.bench')).map(e => e.tagName + e.id + e.open).join()`
	before := js[string](b, page)
	b.window(703, 1000, "print")
	js[bool](b, `(dispatchEvent(new Event('beforeprint')), true)`)
	for _, wrong := range js[[]string](b, `(() => {
		const all = selector => [...document.querySelectorAll(selector)], wrong = []
		const questions = all('main :is(.lab-question, .quiz fieldset)'), end = document.querySelector('main .answers')
		const answers = all('main :is(.lab-result, .why .right)')
		if (questions.length < 2 || answers.length < questions.length) wrong.push(questions.length + ' questions, ' + answers.length + ' answers')
		if (getComputedStyle(end).breakBefore !== 'page') wrong.push('the answers begin no page')
		for (const question of questions) {
			if (!(question.compareDocumentPosition(end) & Node.DOCUMENT_POSITION_FOLLOWING)) wrong.push('after the answers: ' + question.textContent)
		}
		for (const answer of answers) {
			if (!end.contains(answer) && answer.closest('.lab')?.querySelector('.lab-question')) wrong.push('beside its question: ' + answer.textContent)
			if (answer.matches('.why .right') && !end.contains(answer)) wrong.push('beside its question: ' + answer.textContent)
		}
		for (const shown of all('.option.right, .option.wrong, .quiz-status')) if (shown.matches('.quiz-status') && shown.checkVisibility()) wrong.push('a grade')
		return wrong
	})()`) {
		t.Error(wrong)
	}
	js[bool](b, `(dispatchEvent(new Event('afterprint')), true)`)
	if js[string](b, page) != before {
		t.Error("after printing, the page is not as it was before")
	}
	b.clean("answers on paper")
}

// TestForcedColours: what is chosen, lit or present differs from what is not when the system dictates the colours.
func TestForcedColours(t *testing.T) {
	b := open(t)
	base := exported(t)
	for _, theme := range []string{"light", "dark"} {
		for _, of := range []struct{ page, one, other string }{
			{"blocking.html", ".walk .l.lit", ".walk .l:not(.lit)"},
			{"blocking.html", ".walk .step.now .step-number", ".walk .step:not(.now) .step-number"},
			{"blocking.html", ".tabs [aria-selected=true]", ".tabs [aria-selected=false]"},
			{"coroutines.html", ".shapes .tabs [aria-selected=true]", ".shapes .tabs [aria-selected=false]"},
			{"index.html", "main .milestone.written", "main .milestone:not(.written)"},
			{"blocking.html", ".contents [aria-current]", ".contents a:not([aria-current])"},
		} {
			b.window(1280, 800, "forced-colors=active", "prefers-color-scheme="+theme)
			b.visit(base + of.page)
			b.until(`(scrollTo(0, innerHeight * 3), document.querySelector('.contents [aria-current]') || !document.querySelector('.contents'))`)
			look := `(selector => { const e = document.querySelector(selector); return ['', '::before', '::after'].map(part => { const s = getComputedStyle(e, part)
				return [s.backgroundColor, s.borderLeftWidth, s.borderLeftColor, s.outline].join() }).join().replace(/rgba\([^)]*, 0\)/g, 'none') })`
			one, other := js[string](b, look+`(`+quote(of.one)+`)`), js[string](b, look+`(`+quote(of.other)+`)`)
			if one == other {
				t.Errorf("%s, %s: %s looks as %s: %s", of.page, theme, of.one, of.other, one)
			}
		}
	}
	b.clean("forced colours")
}
