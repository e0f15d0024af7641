package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const drawer = `document.querySelector('.drawer')`

// TestContents opens the contents of the book by keyboard, as a drawer, and goes to a section; from disk.
func TestContents(t *testing.T) {
	b := open(t)
	b.window(390, 844)
	b.visit(exported(t) + "select.html")
	b.do(chromedp.KeyEvent("c"))
	b.until(drawer + `?.matches(':modal')`)
	if n, all := js[int](b, `document.querySelectorAll('.drawer .chapter-item').length`), len(chapterPages(t)); n != all {
		t.Errorf("the contents have %d chapters, want %d", n, all)
	}
	here := js[string](b, `document.activeElement.matches('.drawer a') && document.activeElement.getBoundingClientRect().bottom < innerHeight ? document.activeElement.innerText : ''`)
	if !strings.Contains(here, "select and the multiplexer") {
		t.Errorf("the focus is on %q, not on the chapter that is read, in sight", here)
	}
	b.audit("the drawer")
	b.do(chromedp.KeyEvent(kb.Escape))
	b.until(`!` + drawer + `.open && document.querySelector('.book').ariaExpanded === 'false'`)
	b.press(".book", " ")
	b.until(drawer + `.open`)
	b.do(chromedp.KeyEvent("c"))
	b.until(`!` + drawer + `.open && document.activeElement.matches('.book')`)
	b.press(".book", kb.Enter)
	b.until(drawer + `.open && document.querySelector('.book').ariaExpanded === 'true'`)
	b.press(`.drawer [open] .places a[href="#page:know-title"]`, kb.Enter)
	b.until(`location.hash === '#page:know-title' && !` + drawer + `.open`)
	b.do(chromedp.KeyEvent("c"))
	b.until(`document.activeElement.matches('.drawer [aria-current=true][href="#page:know-title"]')`)
	b.press(`.drawer .chapter-link[href$="/asgi.html"]`, kb.Enter)
	b.arrive("asgi.html", "!document.querySelector('.drawer')")
	b.clean("contents")
}

// TestContentsBesideTheText: on a wide screen they stand beside the text, and stay when the reader goes on.
func TestContentsBesideTheText(t *testing.T) {
	b := open(t)
	base := hosted(t)
	for _, width := range []int64{1280, 1920} {
		where := fmt.Sprint(width, " px")
		b.window(width, 900)
		b.visit(base + "select.html")
		b.until(`document.querySelector('.book[role=button]')`)
		b.press(".book", kb.Enter)
		b.until(drawer + `?.open`)
		if js[bool](b, drawer+`.matches(':modal') || `+drawer+`.getBoundingClientRect().right > document.querySelector('main p').getBoundingClientRect().left`) {
			t.Errorf("%s: the contents cover the text", where)
		}
		b.audit(where + ", with the contents")
		b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('.turn[rel=next]').click()`))
		b.arrive("epoll.html", drawer+`?.open`)
		if at := js[string](b, `document.activeElement.localName`); at != "body" {
			t.Errorf("%s: contents that stay have taken the focus to a %s", where, at)
		}
		b.until(`document.querySelector('.drawer [aria-current=page]').innerText.includes('kqueue')`)
		js[bool](b, `(scrollTo(0, document.querySelector('#level-triggered-and-edge-triggered').offsetTop), true)`)
		b.until(`document.querySelector('.drawer [aria-current=true]')?.innerText.startsWith('Level-triggered')`)
		b.press(".drawer-close", kb.Enter)
		b.until(`!` + drawer + `.open && document.activeElement.matches('.book')`)
		b.visit(base + "select.html")
		b.until(`document.querySelector('.book[role=button]')`)
		if js[bool](b, `!!`+drawer) {
			t.Errorf("%s: contents that were closed are there again", where)
		}
	}
	b.clean("contents beside the text")
}

// TestContentsFromEveryPage: one key opens them, on every page, and without scripts a link leads to them.
func TestContentsFromEveryPage(t *testing.T) {
	b := open(t)
	base := exported(t)
	b.window(800, 700)
	all := append(pages(t), "404.html", "clauses.html")
	// The page of an experiment by itself has no masthead: it leads to its place in the book. That of the contents has
	// them already.
	all = slices.DeleteFunc(all, func(page string) bool {
		return strings.HasPrefix(page, "lab/") || strings.HasSuffix(page, "contents.html")
	})
	for _, page := range all {
		b.visit(base + page)
		b.do(chromedp.KeyEvent("c"))
		b.until(drawer + `?.open`)
	}
	b.clean("contents from every page")
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	for _, page := range all {
		b.visit(base + page)
		b.press(".book", kb.Enter)
		b.arrive("contents.html", `document.querySelector('main .chapter-item a[href$="asgi.html"]')`)
	}
	b.clean("contents without scripts")
}

// TestKeysAreOff: a reader whom keys disturb switches them off.
func TestKeysAreOff(t *testing.T) {
	b := open(t)
	base := hosted(t)
	b.window(800, 700)
	b.visit(base + "contents.html")
	b.until(`document.querySelector('.progress-keys').checked && document.querySelector('.progress-tools').checkVisibility()`)
	b.press(".progress-keys", " ")
	b.until(`localStorage.getItem('era keys') === 'off'`)
	b.visit(base + "select.html")
	for _, key := range []string{"c", kb.ArrowRight} {
		b.do(chromedp.KeyEvent(key))
	}
	b.press(".book", kb.Enter) // still does
	b.until(drawer + `?.open`)
	if opened := js[int](b, `document.querySelectorAll('.drawer').length`); opened != 1 ||
		!strings.HasSuffix(js[string](b, `location.pathname`), "select.html") {
		t.Error("a key that is switched off did something")
	}
	b.clean("keys are off")
}

// readOn scrolls through the whole page as a reader does, a window at a time, and rests until what ends there is read.
func (b *tab) readOn() {
	b.t.Helper()
	const read = `(heads => heads.every((head, i) => {
		const end = (heads[i + 1] ?? document.querySelector('.pager')).getBoundingClientRect().top
		return end < innerHeight * 0.3 || end > innerHeight || ` + kept + `.done.includes('read/recap#' + head.id)
	}))([...document.querySelectorAll('main h2[id]')])`
	for last := false; !last; {
		last = js[bool](b, `(scrollBy(0, innerHeight * 0.6), scrollY + innerHeight >= document.documentElement.scrollHeight - 2)`)
		b.until(read)
	}
}

const kept = `(() => { try { return JSON.parse(localStorage.getItem('era.progress')) ?? { done: [] } } catch { return { done: [] } } })()`

// TestProgress reads a chapter, guesses and answers, finds all of it in the contents, goes on where the reader left,
// erases it and takes it back from a file.
func TestProgress(t *testing.T) {
	b := open(t)
	b.calm()
	base := hosted(t)
	b.window(1280, 900)
	b.visit(base + "index.html")
	if words := js[string](b, `document.querySelector('.begin').textContent`); words != "Start with chapter 1" {
		t.Errorf("the first visit is offered %q", words)
	}
	b.visit(base + "recap.html")
	b.readOn()
	b.until(`(done => [...document.querySelectorAll('main h2[id]')].every(h => done.includes('read/recap#' + h.id)))(` + kept + `.done)`)
	if n := js[int](b, `document.querySelectorAll('.contents a .did').length - document.querySelectorAll('.contents a').length`); n != 0 {
		t.Errorf("of the sections that were read, %d are not marked beside the text", -n)
	}
	b.until(kept + `.at.chapter === 'next'`) // the chapter after

	b.visit(base + "blocking.html#page:know-title")
	b.until(kept + `.at.section === 'page:know-title'`)
	if done := js[[]string](b, kept+`.done.filter(one => one.startsWith('read/blocking') && !one.endsWith('know-title'))`); len(done) > 0 {
		t.Errorf("a link to the end of a chapter counts as reading %q", done)
	}
	b.openBenches()
	b.guess(`document.querySelector('section.lab')`)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(kept + `.done.includes('guessed/one-slow') && ` + kept + `.done.includes('watched/one-slow')`)
	b.press(".quiz input", " ")
	b.until(kept + `.done.includes('answered/blocking#quiz-1')`)
	todo := js[string](b, `document.querySelector('.todo').innerText.replace(/\s+/g, ' ')`)
	if !strings.Contains(todo, "✓ guessed, watched") || !strings.Contains(todo, "✓ answered") ||
		!strings.Contains(todo, "not yet") {
		t.Errorf("the chapter's list says %q", todo)
	}
	b.audit("a chapter with progress")

	b.visit(base + "index.html")
	link := js[string](b, `(e => e.textContent + ' ' + e.getAttribute('href'))(document.querySelector('.begin'))`)
	if !strings.HasPrefix(link, "Go on where you left ") || !strings.Contains(link, "blocking.html") {
		t.Errorf("the first page leads on by %q", link)
	}
	b.audit("the first page with progress")

	b.visit(base + "contents.html")
	b.until(`document.querySelector('#blocking .chapter-did')?.textContent.includes('1 of 1 question answered')`)
	recap := js[string](b, `document.querySelector('#recap .chapter-did').textContent`)
	if !strings.HasPrefix(recap, "7 of 7 sections read") {
		t.Errorf("of the chapter that was read the contents say %q", recap)
	}
	b.audit("contents with progress")
	file := filepath.Join(t.TempDir(), "progress.json")
	taken := js[string](b, `new Promise(resolve => {
		const make = URL.createObjectURL
		URL.createObjectURL = blob => { blob.text().then(resolve); return make(blob) }
		HTMLAnchorElement.prototype.click = () => {}
		document.querySelector('.progress-export').click()
	})`)
	if err := os.WriteFile(file, []byte(taken), 0o600); err != nil {
		t.Fatal(err)
	}
	before := js[int](b, kept+`.done.length`)
	b.press(".progress-erase", kb.Enter)
	if js[int](b, kept+`.done.length`) != before {
		t.Error("one press erases without a question")
	}
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(`document.querySelector('.progress-says').textContent.startsWith('Erased.')`)
	left := js[[]string](b, `Object.keys(localStorage).filter(key => key.startsWith('era guess '))`)
	if len(left) > 0 || js[int](b, kept+`.done.length`) > 0 {
		t.Errorf("after erasing, %q and progress are left", left)
	}
	b.takeFile(file)
	b.until(fmt.Sprintf(`document.querySelector('.progress-says').textContent.startsWith('Imported: %d things more.')`, before))
	b.until(`document.querySelector('#recap .chapter-did').textContent.startsWith('7 of 7')`)
	if err := os.WriteFile(file, []byte(`{"version":1,"done":["<b>","read/../x"]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	b.takeFile(file)
	b.until(`document.querySelector('.progress-says').textContent.startsWith('The file holds no progress.')`)
	b.clean("progress")
}

// takeFile imports a file.
func (b *tab) takeFile(name string) {
	b.t.Helper()
	top := call(b, dom.GetDocument, dom.GetDocumentParams{}).Root.NodeID
	input := call(b, dom.QuerySelector, dom.QuerySelectorParams{NodeID: top, Selector: ".progress input[type=file]"})
	call(b, dom.SetFileInputFiles, dom.SetFileInputFilesParams{NodeID: input.NodeID, Files: []string{name}})
}

// TestDamagedProgress: whatever the browser kept, the pages work, and progress begins anew.
func TestDamagedProgress(t *testing.T) {
	for name, text := range map[string]string{
		"no JSON": `{`, "a number": `7`, "another version": `{"version":9,"done":["ran/a"]}`,
		"hostile": `{"version":1,"done":["read/<img src=x>",{}],"at":{"chapter":"javascript:alert(1)","section":"","time":1}}`,
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t)
			call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
				Source: `localStorage.setItem('era.progress', ` + quote(text) + `)`})
			base := hosted(t)
			for _, page := range []string{"index.html", "contents.html", "recap.html"} {
				b.visit(base + page)
				b.clean(page)
			}
			b.until(kept + `.at?.chapter === 'recap'`) // since there is something, though it is damaged
		})
	}
}

// TestTimeLines: every point of a time line has its year and its name beside it, at every width, before anything is
// pointed at, and what it leads to is a link.
func TestTimeLines(t *testing.T) {
	b := open(t)
	base := exported(t)
	for _, width := range []int64{320, 768, 1280} {
		b.window(width, 844)
		for page, point := range map[string]string{"index.html": ".milestone", "recap.html": ".milestone",
			"contents.html": ".chapter-item"} {
			b.visit(base + page)
			points := js[int](b, `document.querySelectorAll('main `+point+`').length`)
			named := js[int](b, `[...document.querySelectorAll('main `+point+`')].filter(point => {
				const name = point.querySelector('h3'), year = point.querySelector('.when, .year')
				const seen = e => e && e.innerText.trim() && e.checkVisibility() && e.getBoundingClientRect().width > 20
				return seen(name) && (seen(year) || !year)
			}).length`)
			if points < 10 || named != points {
				t.Errorf("%s, %d px: of %d points %d have a name", page, width, points, named)
			}
			if mute := js[int](b, `[...document.querySelectorAll('.masthead .way a')].filter(a => !a.innerText.trim()).length`); mute > 0 {
				t.Errorf("%s, %d px: %d links of the header have no words", page, width, mute)
			}
		}
	}
	b.clean("time lines")
}
