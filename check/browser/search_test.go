package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const (
	searchOpen   = `document.querySelector('dialog.search[open]')`
	searchField  = `dialog.search [role=combobox]`
	searchChosen = `document.querySelector('dialog.search [aria-selected=true]')`
)

// look opens the search by its key and types.
func (b *tab) look(words string) {
	b.t.Helper()
	js[bool](b, `(document.activeElement.blur(), true)`)
	b.do(chromedp.KeyEvent("/"))
	b.until(searchOpen)
	js[bool](b, `(document.querySelector(`+quote(searchField)+`).select(), true)`)
	if words == "" {
		b.do(chromedp.KeyEvent(kb.Backspace))
	}
	b.do(chromedp.KeyEvent(words))
	b.until(`document.querySelector(` + quote(searchField) + `).value === ` + quote(words))
}

// found waits until the first result is the one of the name, with its sentence.
func (b *tab) found(name string) {
	b.t.Helper()
	b.until(searchChosen + `?.querySelector('.search-title').textContent.startsWith(` + quote(name) + `)`)
	b.until(searchChosen + `.querySelector('.search-sentence').textContent`)
}

// TestSearch looks a word up by keyboard, from disk and on a plain host, and arrives at the sentence, which is lit. No
// page is fetched for it, and nothing before the search is wanted.
func TestSearch(t *testing.T) {
	for name, address := range map[string]func(*testing.T) string{"from disk": exported, "below a path": hosted} {
		t.Run(name, func(t *testing.T) {
			b := open(t)
			base := address(t)
			b.window(1280, 800)
			b.visit(base + "select.html")
			for _, url := range b.urls() {
				if strings.Contains(url, "/search") {
					t.Errorf("the page asks for %s before the search is wanted", url)
				}
			}
			b.look("backlgo")
			b.found("backlog")
			said := js[string](b, `document.querySelector('.search-help').textContent`)
			if !strings.Contains(said, "This is for “backlog”") {
				t.Errorf("a word that was put right is not named: %q", said)
			}
			for range 2 {
				b.do(chromedp.KeyEvent(kb.Backspace))
			}
			b.do(chromedp.KeyEvent("og queue"))
			b.until(searchChosen + `?.href.includes('find=backlog+queue')`)
			b.do(chromedp.KeyEvent(kb.ArrowDown + kb.ArrowUp))
			want := js[string](b, searchChosen+`.querySelector('.search-sentence').textContent.replaceAll(/^… | …$/g, '')`)
			page := js[string](b, searchChosen+`.pathname.split('/').at(-1)`)
			b.do(chromedp.KeyEvent(kb.Enter))
			b.arrive(page, `document.querySelector('main mark')`)
			b.until(`!location.search && location.hash`)
			b.until(`document.activeElement.querySelector('mark') && document.activeElement.textContent.replace(/\s+/g, ' ').includes(` + quote(want) + `)`)
			b.until(`(() => { const r = document.activeElement.querySelector('mark').getBoundingClientRect(); return r.top > 50 && r.bottom < innerHeight })()`)
			b.do(chromedp.KeyEvent(kb.Escape))
			b.until(`!document.querySelector('main mark')`)
			for _, url := range b.urls() {
				if strings.HasSuffix(url, ".html") && !strings.HasSuffix(url, "select.html") && !strings.HasSuffix(url, page) {
					t.Errorf("the search fetches the page %s", url)
				}
			}
			b.clean(name)
		})
	}
}

// TestSearchKeys: / and Ctrl-K open the search, and / does not while a reader types or walks through a picture. Escape
// closes it, and the focus is where it was.
func TestSearchKeys(t *testing.T) {
	b := open(t)
	b.window(1280, 800)
	b.visit(exported(t) + "blocking.html")
	b.openBenches()
	b.reveal(`section.lab`)
	for _, place := range []string{"section.lab .lab-canvas", "section.lab .lab-scrub"} {
		b.press(place, "/")
		if js[bool](b, `!!`+searchOpen) {
			t.Errorf("/ opens the search in %s", place)
		}
	}
	for _, key := range []chromedp.Action[chromedp.Void]{
		chromedp.KeyEvent("k", chromedp.KeyModifiers(2)), chromedp.KeyEvent("/"), chromedp.KeyEvent(kb.Enter),
		chromedp.KeyEvent(" "),
	} {
		b.do(chromedp.Focus(chromedp.CSS(".find")), key)
		b.until(searchOpen + ` && document.activeElement.matches(` + quote(searchField) + `)`)
		b.do(chromedp.KeyEvent(kb.Escape))
		b.until(`!` + searchOpen + ` && document.activeElement.matches('.find')`)
	}
	b.clean("keys of the search")
}

// TestSearchStates shows the search at work to the audit: nothing typed, nothing found, some words only, results; on a
// phone and on a desk, in both themes.
func TestSearchStates(t *testing.T) {
	b := open(t)
	base := exported(t)
	for _, width := range []int64{320, 390, 1280} {
		for _, theme := range []string{"light", "dark"} {
			b.window(width, 844, "prefers-color-scheme="+theme)
			b.visit(base + "select.html")
			b.look("epoll")
			b.found("epoll")
			for state, words := range map[string]string{"nothing typed": "", "nothing found": "xyzzyplugh",
				"some of the words": "backlog xyzzyplugh", "results": "epoll"} {
				where := fmt.Sprintf("%d px, %s, %s", width, theme, state)
				js[bool](b, `(() => { const field = document.querySelector(`+quote(searchField)+`)
					field.value = `+quote(words)+`; field.dispatchEvent(new Event('input')); return true })()`)
				b.until(`document.querySelector(` + quote(searchField) + `).getAttribute('aria-expanded') === ` +
					quote(fmt.Sprint(state == "results" || state == "some of the words")))
				b.audit(where)
				b.checkTree(where)
				if js[bool](b, `document.querySelector('dialog.search').scrollWidth > document.querySelector('dialog.search').clientWidth`) {
					t.Errorf("%s: wider than its window", where)
				}
			}
		}
	}
	b.clean("states of the search")
}

// TestSearchRemembers: what led somewhere is offered the next time, and can be forgotten.
func TestSearchRemembers(t *testing.T) {
	b := open(t)
	b.window(390, 844)
	b.visit(exported(t) + "blocking.html")
	b.look("Where curl was")
	b.do(chromedp.KeyEvent(kb.Escape))
	b.look("clause C0.2")
	b.until(searchChosen + `?.hash === '#clause-c0-2'`)
	js[bool](b, `(globalThis.stays = true)`) // a place of this page is gone to without loading it again
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(`!` + searchOpen + ` && location.hash === '#clause-c0-2' && globalThis.stays`)
	b.until(`document.querySelector('#clause-c0-2 mark, #clause-c0-2.found, #clause-c0-2 .found')`)
	b.look("")
	b.until(`document.querySelector('.search-option')?.textContent === 'clause C0.2' && document.querySelectorAll('.search-option').length === 1`)
	b.do(chromedp.KeyEvent(kb.ArrowDown + kb.Enter))
	b.until(searchChosen + `?.hash === '#clause-c0-2'`)
	js[bool](b, `(() => { const field = document.querySelector(`+quote(searchField)+`); field.value = ''; field.dispatchEvent(new Event('input')); return true })()`)
	js[bool](b, `(document.querySelector('.search-forget').click(), true)`)
	b.until(`!document.querySelector('.search-option, .search-forget') && document.activeElement.matches(` + quote(searchField) + `)`)
	b.clean("what was looked for")
}

// TestSearchShowsTheListing: a name that only Python's listing has is shown in it, and the reader's own language stays
// theirs.
func TestSearchShowsTheListing(t *testing.T) {
	b := open(t)
	b.window(1280, 800)
	b.visit(exported(t) + "index.html")
	js[bool](b, `(localStorage.setItem('era lang', 'c'), true)`)
	b.visit(exported(t) + "index.html")
	b.look("loop.sock_accept")
	b.until(searchChosen + `?.querySelector('.search-sentence').textContent.includes('sock_accept')`)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.arrive("asyncawait.html", `document.querySelector('main mark')?.checkVisibility()`)
	if lang := js[string](b, `localStorage.getItem('era lang')`); lang != "c" {
		t.Errorf("a search has changed the reader's language to %s", lang)
	}
	b.clean("a listing")
}

// TestSearchWithoutScripts: the button leads to the index, which the audit approves of.
func TestSearchWithoutScripts(t *testing.T) {
	b := open(t)
	base := exported(t)
	for _, width := range []int64{320, 1280} {
		for _, theme := range []string{"light", "dark"} {
			b.window(width, 844, "prefers-color-scheme="+theme)
			b.visit(base + "find.html")
			where := fmt.Sprintf("index, %d px, %s", width, theme)
			b.audit(where)
			b.checkTree(where)
		}
	}
	b.clean("index")
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.visit(base + "source/select/main.go.html")
	b.do(chromedp.Click(chromedp.CSS(".find")))
	b.arrive("find.html", `document.querySelector('#letter-s')`)
	b.clean("without scripts")
}

// TestSearchOnServe: serve has the index too, and a name leads to its line.
func TestSearchOnServe(t *testing.T) {
	b := open(t)
	host := serve(t)
	b.window(1280, 800)
	b.visit(host.address + "select.html")
	b.look("sys.Accept")
	b.until(searchChosen + `?.querySelector('.search-title').textContent === 'sys.Accept' && ` + searchChosen + `.href.includes('/source/kit/sys/')`)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.arrive("sys_unix.go.html", `/^#L\d+$/.test(location.hash) && document.querySelector(location.hash).textContent.includes('func Accept(')`)
	b.clean("search on serve")
}
