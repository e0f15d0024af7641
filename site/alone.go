package site

import (
	"fmt"
	"html"

	"era/chapters"
	"era/site/guard"
)

// alonePage is the address of an experiment's own page. The guard lets other pages show those of this folder in a
// frame, and no others.
func alonePage(lab string) string { return guard.Embedded + "/" + lab + ".html" }

// alone returns the page of one experiment, with its recorded run.
func (e *edition) alone(lab *chapters.Lab) ([]byte, error) {
	c := e.book.Chapter(lab.Chapter)
	v := e.view(alonePage(lab.Name), lab.Title, c)
	v.description = fmt.Sprintf("An experiment of “%s”: the recorded run of real servers, to watch step by step.", c.Front.Title)
	if v.problems = e.problems.In(c.File); len(v.problems) > 0 {
		return render(brokenPage(v))
	}
	l, err := v.labView(lab)
	if err != nil {
		return nil, err
	}
	signs, err := v.signs()
	if err != nil {
		return nil, err
	}
	return render(aloneOn(v, l, signs))
}

// frame is the element that shows the page on another one. Without a base, a script fills in the address.
func (v *view) frame() string {
	address := v.name
	if v.e.options.Base != "" {
		address = v.e.whole(v.name)
	}
	return fmt.Sprintf(`<iframe src="%s" title="%s" width="100%%" height="900" loading="lazy"></iframe>`,
		html.EscapeString(address), html.EscapeString(v.title))
}
