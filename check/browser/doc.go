// Package browser tests the pages in a real browser: how they look in both themes and at three widths, whether all
// people can use them, the lab from the click to the verdict, the book without scripts and from disk, and pages of
// strangers that try to start something.
package browser
