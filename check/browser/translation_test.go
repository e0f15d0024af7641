package browser

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/css"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// translated returns the addresses of all pages in another language: vi/blocking.html for content/blocking/index.vi.md.
func translated(t *testing.T) (all []string) {
	t.Helper()
	for _, pattern := range []string{"index.*.md", "*/index.*.md"} {
		files, err := filepath.Glob(filepath.Join(root, "content", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			language := strings.Split(filepath.Base(file), ".")[1]
			name := filepath.Base(filepath.Dir(file))
			if name == "content" {
				name = "index"
			}
			all = append(all, language+"/"+name+".html")
		}
	}
	if len(all) == 0 {
		t.Fatal("no page is translated")
	}
	return all
}

// TestLanguages: a reader chooses a language by keyboard, at every width, and stays in the same section. Where a page
// is not translated, the choice leads to the first page.
func TestLanguages(t *testing.T) {
	b := open(t)
	base := exported(t)
	choose := func() {
		js[bool](b, `(document.querySelector('.tongue').focus({ preventScroll: true }), true)`)
		b.do(chromedp.KeyEvent(kb.Enter))
	}
	for _, width := range []int64{320, 390, 1280} {
		b.window(width, 800)
		b.visit(base + "blocking.html")
		if !js[bool](b, `(() => {
			const box = document.querySelector('.tongue').getBoundingClientRect()
			return box.left >= 0 && box.right <= innerWidth && box.height >= 24 && box.width >= 24
		})()`) {
			t.Errorf("%d px: the choice of a language is not in the window", width)
		}
		js[bool](b, `(document.querySelector('#the-job-read-ask-the-backend-reply').scrollIntoView(), true)`)
		b.until(`document.querySelector('.tongue').hash === '#the-job-read-ask-the-backend-reply'`)
		choose()
		b.arrive("vi/blocking.html", `location.hash === '#the-job-read-ask-the-backend-reply' && document.documentElement.lang === 'vi' && document.readyState === 'complete'`)
		b.until(`Math.abs(document.querySelector('#the-job-read-ask-the-backend-reply').getBoundingClientRect().top) < innerHeight / 2`)
		b.until(`document.querySelector('.tongue').hash === '#the-job-read-ask-the-backend-reply'`)
		choose()
		b.arrive("blocking.html", `location.hash === '#the-job-read-ask-the-backend-reply' && document.documentElement.lang === 'en'`)
	}
	b.visit(base + "select.html")
	choose()
	b.arrive("vi/index.html", `document.documentElement.lang === 'vi' && !location.hash && document.readyState === 'complete'`)
	js[bool](b, `(document.querySelector('.shelf a[href$="vi/blocking.html"]').focus(), true)`)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.arrive("vi/blocking.html", `document.readyState === 'complete'`)
	js[bool](b, `(document.querySelector('.turn[rel=next]').focus(), true)`)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.arrive("nonblocking.html", `document.documentElement.lang === 'en'`)
	b.clean("languages")
}

// TestTranslatedPage: what scripts do on a page in another language, in a folder, from disk: its benches, its words.
func TestTranslatedPage(t *testing.T) {
	b := open(t)
	b.window(1280, 900)
	b.visit(exported(t) + "vi/blocking.html")
	b.openBenches()
	if words := js[[]string](b, `[...document.querySelectorAll('section.lab .lab-guess')[0].querySelectorAll(':is(b, .lab-choice label, button):lang(vi)')].map(e => e.textContent.trim())`); strings.Join(words, ", ") !=
		"Đoán trước đã., không client nào, một số, cả hai mươi, không client nào, một số, cả hai mươi, Tôi đoán vậy, Cho tôi xem luôn" {
		t.Errorf("the guess is asked for with %q", words)
	}
	b.walkThrough()
	if href := js[string](b, `document.querySelector('.lab-where a').getAttribute('href')`); !strings.HasPrefix(href, "../source/") {
		t.Errorf("a mark leads to %s", href)
	}
	b.press(`.quiz input[value="2"]`, " ")
	b.until(`document.querySelector('.quiz-status').textContent === 'Đúng.' && document.querySelector('.quiz .why').open`)
	for _, in := range js[[]string](b, `[...document.querySelectorAll('.lab-alive :is(button, .lab-how, legend)')].filter(e => !e.closest('form'))
		.filter(e => e.closest('[lang]').lang !== 'en').map(e => e.textContent)`) {
		t.Errorf("the bench says %q, in English, on a page in Vietnamese", in)
	}
	b.visit(exported(t) + "vi/index.html")
	b.until(`document.querySelector('.film').dataset.state === 'asked'`)
	b.press(".film-choice:nth-child(2)", kb.Enter)
	b.until(`document.querySelector('.film').dataset.state === 'told'`)
	if grade := js[string](b, `document.querySelector('.film-grade').textContent`); grade != "✓ Đúng: sau 1½ giây." {
		t.Errorf("the right answer is graded %q", grade)
	}
	b.clean("a translated page")
}

// TestLettersOfVietnamese: every letter of a text is of one font, as one that lacks some would have them from another;
// none is cut off by the line above it.
func TestLettersOfVietnamese(t *testing.T) {
	b := open(t)
	b.window(1280, 900)
	b.visit(exported(t) + "vi/blocking.html")
	stack := js[string](b, `getComputedStyle(document.body).fontFamily`)
	if strings.Contains(stack, "Charter") || strings.Contains(stack, "Georgia") {
		t.Errorf("the fonts are %s; some of them lack letters of Vietnamese", stack)
	}
	call(b, dom.Enable, dom.EnableParams{})
	call(b, css.Enable, struct{}{})
	document := call(b, dom.GetDocument, dom.GetDocumentParams{})
	for _, place := range []string{"h1", ".summary", "main > p", ".contents a", ".kicker"} {
		node := call(b, dom.QuerySelector, dom.QuerySelectorParams{NodeID: document.Root.NodeID, Selector: place})
		fonts := call(b, css.GetPlatformFontsForNode, css.GetPlatformFontsForNodeParams{NodeID: node.NodeID}).Fonts
		if len(fonts) != 1 {
			t.Errorf("%s has letters of %d fonts: %v", place, len(fonts), fonts)
		}
	}
	if small := js[[]string](b, `[...document.querySelectorAll('main :is(h1, h2, h3)')].filter(e => e.checkVisibility() && e.closest('[lang]').lang === 'vi')
		.filter(e => parseFloat(getComputedStyle(e).lineHeight) < 1.15 * parseFloat(getComputedStyle(e).fontSize)).map(e => e.textContent)`); len(small) > 0 {
		t.Errorf("lines are too close for capitals with two marks: %q", small)
	}
	b.clean("letters")
}

// TestFindingInVietnamese: the search finds a phrase with its accents and without, and lands on it; the contents of the
// book are in the page's language, as far as they are translated.
func TestFindingInVietnamese(t *testing.T) {
	b := open(t)
	b.window(1280, 800)
	base := exported(t)
	for _, typed := range []string{"lấm tấm chấm", "lam tam cham"} {
		b.visit(base + "vi/index.html")
		b.look(typed)
		b.until(searchChosen + `?.querySelector('.search-sentence').textContent.includes('lấm tấm chấm')`)
		b.do(chromedp.KeyEvent(kb.Enter))
		b.arrive("vi/blocking.html", `document.querySelector('main mark')`)
		b.until(`[...document.querySelectorAll('main mark')].map(mark => mark.textContent).join(' ') === 'lấm tấm chấm'`)
	}
	b.do(chromedp.KeyEvent(kb.Escape))
	js[bool](b, `(document.activeElement.blur(), true)`)
	b.do(chromedp.KeyEvent("c"))
	b.until(`document.querySelector('dialog.drawer[open]')`)
	if heading := js[string](b, `document.querySelector('.drawer h2').textContent`); heading != "Mục lục" {
		t.Errorf("the contents are headed %q", heading)
	}
	links := js[string](b, `[...document.querySelectorAll('.drawer .chapter-link')].slice(0, 2)
		.map(a => [a.textContent, a.getAttribute('href').split('/').at(-1), a.closest('[lang]').lang].join()).join('; ')`)
	if links != "1Socket chặn và bài toán C10K1983,#page:top,vi; 2Non-blocking sockets1983,nonblocking.html,en" {
		t.Errorf("the contents lead to %s", links)
	}
	b.clean("finding")
}
