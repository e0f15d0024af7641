package browser

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// moments gives every recorded run three moments, whatever the lab has found.
const moments = `Object.defineProperty(globalThis, 'era', { configurable: true, set(era) {
	const { recording } = era
	era.recording = (name, content) => {
		const { length } = content.recording
		content.moments = [0.1, 0.6, 0.95].map((part, i) => {
			const at = Math.round(length * part), time = (at / 1e9).toFixed(2) + 's'
			return { at, server: i % 2, lane: -1, kind: 'test', words: 'Moment ' + (i + 1) + '.', time }
		})
		recording(name, content)
	}
	Object.defineProperty(globalThis, 'era', { value: era, writable: true })
} })`

// Parts of the first experiment, as expressions.
const (
	inFilm   = `document.querySelector('#lab-one-slow')`
	shown    = inFilm + `.querySelector('.lab-scrub').valueAsNumber` // of 1000
	sentence = inFilm + `.querySelector('.lab-sentences').textContent`
	result   = inFilm + `.querySelectorAll('.lab-said li, .lab-after table').length`
	figures  = `[...` + inFilm + `.querySelectorAll('.lab-counters li')].map(li => li.textContent)`
	skip     = `[...` + inFilm + `.querySelectorAll('.lab-transport button')].find(b => b.textContent.startsWith('Skip'))`
	tell     = `[...` + inFilm + `.querySelectorAll('.lab-transport button')].find(b => b.textContent === 'Play the story')`
	// How much of the right end of all pictures is painted: between 1.7 and 1.8 s, where no line of the axis is.
	late = `(() => {
		let painted = 0
		for (const canvas of ` + inFilm + `.querySelectorAll('.lab-canvas')) {
			const data = canvas.getContext('2d')
				.getImageData(canvas.width * 0.845, 0, canvas.width * 0.03, canvas.height).data
			for (let i = 3; i < data.length; i += 4) if (data[i]) painted++
		}
		return painted
	})()`
)

// filmed opens the first chapter from a static site, with moments.
func filmed(t *testing.T, hash string) *tab {
	t.Helper()
	b := open(t)
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: moments})
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 1280, Height: 800,
		DeviceScaleFactor: 1})
	b.visit(hosted(t) + "blocking.html" + hash)
	if hash == "" {
		b.openBenches()
	}
	return b
}

func (b *tab) click(element string) {
	b.t.Helper()
	b.until(element)
	js[bool](b, `(`+element+`.click(), true)`)
}

const justShow = inFilm + `.querySelector('.lab-guess button[type=button]')`

// TestPictureFirst: after the guess the film plays in the window, with counters that move and without what is still to
// come; what the result was is said when the film has reached its end.
func TestPictureFirst(t *testing.T) {
	b := filmed(t, "")
	js[bool](b, `(document.querySelector('#lab-one-slow .lab-guess').scrollIntoView({ block: 'end' }), true)`) // pictures below the fold
	if got := strings.Join(js[[]string](b, figures), "; "); strings.Count(got, "? of 20 fast answered") != 2 {
		t.Errorf("before the guess the counters say %q", got)
	}
	if js[bool](b, skip+`.checkVisibility() || `+tell+`.checkVisibility() || `+`[...`+inFilm+`.querySelectorAll('.lab-moments a')].some(a => a.checkVisibility())`) {
		t.Error("before the guess there is a film to skip, or a story")
	}
	// Look at every frame.
	type frame struct {
		At, Result, Late, Chapters int
		Inside                     bool // the first picture is in the window
		Counters                   []string
	}
	frames := js[[]frame](b, `(async () => {
		const frames = []
		`+justShow+`.click()
		do {
			await new Promise(requestAnimationFrame)
			const box = `+inFilm+`.querySelector('.lab-canvas').getBoundingClientRect()
			frames.push({ At: `+shown+`, Result: `+result+`, Late: `+late+`, Counters: `+figures+`,
				Chapters: `+inFilm+`.querySelectorAll('.lab-moments li:not([hidden])').length,
				Inside: box.top >= 0 && box.bottom <= innerHeight })
		} while (!`+result+` && frames.length < 5000)
		await new Promise(requestAnimationFrame)
		frames.push({ At: `+shown+`, Result: `+result+`, Late: `+late+`, Counters: `+figures+`, Chapters: 3, Inside: true })
		return frames
	})()`)
	answered := regexp.MustCompile(`(\d+) of 20 fast`)
	var counts []int
	for i, f := range frames[:len(frames)-2] {
		if f.Result > 0 || f.At < 800 && f.Late > 0 {
			t.Fatalf("frame %d of %d shows what is to come: %+v", i, len(frames), f)
		}
		if f.At > 500 && !f.Inside {
			t.Fatalf("in frame %d of %d the picture is not in the window", i, len(frames))
		}
		if want := []int{100, 600, 950}; f.Chapters > slices.IndexFunc(append(want, 2000), func(at int) bool { return at > f.At+5 }) {
			t.Fatalf("in frame %d, at %d of 1000, there are %d chapters", i, f.At, f.Chapters)
		}
		n, _ := strconv.Atoi(answered.FindStringSubmatch(f.Counters[1])[1])
		counts = append(counts, n)
	}
	if !slices.IsSorted(counts) || counts[0] != 0 || counts[len(counts)-1] != 20 || !slices.ContainsFunc(counts, func(n int) bool { return n > 0 && n < 20 }) {
		t.Errorf("the counter of the threads does not go from 0 to 20: %v", counts)
	}
	last := frames[len(frames)-1]
	if got := last.Counters[0]; !strings.Contains(got, "0 of 20 fast answered 20 failed") || !strings.Contains(got, "slow: 1 of 1") {
		t.Errorf("at the end the counter of the blocking server says %q", got)
	}
	if last.Late == 0 || last.At != 1000 || js[bool](b, skip+`.checkVisibility()`) {
		t.Errorf("at the end not all of the run is shown: %+v", last)
	}

	// Each chapter is over its moment, though the scrubber has changed its width when buttons came and went.
	b.until(`(() => {
		const slider = ` + inFilm + `.querySelector('.lab-scrub').getBoundingClientRect()
		return [...` + inFilm + `.querySelectorAll('.lab-moments a')].every((a, i) => {
			const box = a.getBoundingClientRect(), at = slider.left + 8 + [0.1, 0.6, 0.95][i] * (slider.width - 16)
			return Math.abs(box.left + box.width / 2 - at) < 2
		})
	})()`)

	// The masthead covers none of it.
	if js[bool](b, inFilm+`.querySelector('.lab-counters').getBoundingClientRect().top <
		document.querySelector('.masthead').getBoundingClientRect().bottom`) {
		t.Error("the counters are below the masthead")
	}

	// The counters follow the scrubber.
	b.press(`#lab-one-slow .lab-scrub`, kb.Home)
	b.until(`!` + figures + `.some(text => /[1-9]\d* of|failed/.test(text))`)
	b.press(`#lab-one-slow .lab-scrub`, kb.End)
	b.until(figures + `[0].includes('20 failed')`)
	b.clean("picture first")
}

// TestSkip: the first film can be skipped.
func TestSkip(t *testing.T) {
	b := filmed(t, "")
	b.click(justShow)
	b.until(skip + `.checkVisibility()`)
	if got := js[int](b, skip+`.click() || `+result); got == 0 {
		t.Error("the film was skipped, and there is no result")
	}
	b.until(shown + ` === 1000 && !` + skip + `.checkVisibility()`)
	b.clean("skip")
}

// TestStory plays the story of a run, by the keyboard: it stops at each moment, says it in a live region, and ends on
// the verdict. Moments are chapters on the scrubber.
func TestStory(t *testing.T) {
	b := filmed(t, "")
	b.click(justShow)
	b.click(skip)
	b.until(tell + `.checkVisibility()`)
	b.click(tell)
	at := func(n int, thousandths string) {
		t.Helper()
		b.until(sentence + `.includes('Moment ` + strconv.Itoa(n) + `.') && ` + sentence + `.startsWith('` + strconv.Itoa(n) + ` of 3')`)
		b.until(shown + ` === ` + thousandths)
		if now := js[string](b, `[...`+inFilm+`.querySelectorAll('.lab-moments [aria-current]')].map(a => a.textContent).join()`); now != strconv.Itoa(n) {
			t.Errorf("at moment %d chapter %q is marked", n, now)
		}
		if js[bool](b, `!!`+inFilm+`.querySelector('.lab-transport [aria-label=Pause]')`) {
			t.Errorf("the film does not stop at moment %d", n)
		}
	}
	at(1, "100")
	if !js[bool](b, inFilm+`.querySelector('.lab-sentences').role === 'status' && document.activeElement.textContent === 'Go on'`) {
		t.Error("the sentence is not announced, or the focus is not on the button that goes on")
	}
	b.do(chromedp.KeyEvent(kb.Enter))
	at(2, "600")
	b.do(chromedp.KeyEvent(kb.Enter))
	at(3, "950")
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(`/^The end.*answered 0 of 20.*answered 20 of 20/s.test(` + sentence + `)`)
	if got := js[int](b, shown); got != 1000 {
		t.Errorf("at the end of the story the film is at %d of 1000", got)
	}

	// Keys, the slider's too, and clicks, whose address is that of the moment.
	b.press(`#lab-one-slow .lab-canvas`, "p")
	at(3, "950")
	b.press(`#lab-one-slow .lab-canvas`, "p")
	at(2, "600")
	b.press(`#lab-one-slow .lab-scrub`, kb.PageDown)
	at(1, "100")
	b.press(`#lab-one-slow .lab-canvas`, "n")
	at(2, "600")
	b.click(inFilm + `.querySelector('.lab-moments li:nth-child(3) a')`)
	at(3, "950")
	if hash := js[string](b, `location.hash`); !regexp.MustCompile(`^#lab-one-slow@1\.9\d+s$`).MatchString(hash) {
		t.Errorf("the address of a moment is %q", hash)
	}

	// The reader who moves the scrubber has left the story.
	b.press(`#lab-one-slow .lab-scrub`, kb.ArrowLeft)
	b.until(sentence + ` === ''`)
	b.clean("story")
}

// TestLinkToMoment: a link shows its moment, in the window, and nothing of what comes later.
func TestLinkToMoment(t *testing.T) {
	b := filmed(t, "#lab-one-slow@1.00s")
	b.until(inFilm + `.querySelector('.lab-time')?.textContent === '1.00 s'`)
	b.until(`(box => box.height > 20 && box.top >= 0 && box.bottom <= innerHeight)(` + inFilm + `.querySelector('.lab-canvas').getBoundingClientRect())`)
	if painted, said := js[int](b, late), js[int](b, result); painted > 0 || said > 0 {
		t.Errorf("the link shows what comes later: %d pixels of the picture, %d results", painted, said)
	}
	if got := js[[]string](b, figures)[1]; !strings.Contains(got, "20 of 20 fast") {
		t.Errorf("at 1 s the counter of the threads says %q", got)
	}
	js[bool](b, `(location.hash = '#lab-one-slow@0.05s', true)`)
	b.until(inFilm + `.querySelector('.lab-time').textContent === '0.05 s'`)
	b.clean("link")
}

// TestCalmFilm: for readers who want little motion, the end is there at once, and the story goes on in steps.
func TestCalmFilm(t *testing.T) {
	b := open(t)
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-reduced-motion", Value: "reduce"}}})
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: moments})
	b.visit(hosted(t) + "blocking.html")
	b.openBenches()
	if at := js[[]int](b, `(async () => {
		`+justShow+`.click()
		await null
		const said = `+result+` // at once
		await new Promise(requestAnimationFrame)
		return [`+shown+`, said]
	})()`); at[0] != 1000 || at[1] == 0 {
		t.Errorf("after the guess the film is at %d of 1000, with %d results", at[0], at[1])
	}
	b.until(tell + `.checkVisibility()`)
	said := js[[]string](b, `(() => {
		const said = [];
		`+tell+`.click()
		for (let i = 0; i < 4; i++) {
			said.push(`+sentence+`)
			document.activeElement.click()
		}
		return said
	})()`)
	for i, words := range said {
		if want := []string{"Moment 1", "Moment 2", "Moment 3", "The end"}[i]; !strings.Contains(words, want) {
			t.Errorf("step %d says %q, want %s", i, words, want)
		}
	}
	b.clean("calm")
}
