// Package browser holds the tests of the pages in a real browser: how they look in both themes and at three widths, whether
// everybody can use them, the lab from the click to the verdict, the book without scripts and from disk, and pages of
// strangers that try to start something.
package browser
