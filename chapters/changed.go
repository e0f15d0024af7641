package chapters

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"
)

// ChangesFile says when each page of the book was last changed: a line for each, with its file, the day, and a hash of
// the page's text and recorded runs on that day. So a clone without history, and an archive, know the days as
// well. make generate keeps it.
const ChangesFile = "content/changed.txt"

const changesHead = "# A page's file, the day on which it was last changed, and a hash of its text and recorded runs. " +
	"DO NOT EDIT: run make generate.\n"

// change is a line of ChangesFile.
type change struct {
	day time.Time
	sum string
}

// changes reads ChangesFile; without it, no page has a day. Lines of another form are skipped: git leaves some where
// two branches have changed a page, and the next make generate removes them.
func changes(root fs.FS) map[string]change {
	data, err := fs.ReadFile(root, ChangesFile)
	if err != nil {
		return nil
	}
	all := map[string]change{}
	for line := range strings.Lines(string(data)) {
		fields := strings.Fields(line)
		if len(fields) != 3 {
			continue
		}
		if day, err := time.Parse(time.DateOnly, fields[1]); err == nil {
			all[fields[0]] = change{day, fields[2]}
		}
	}
	return all
}

// pages are the landing page and the chapters.
func (b *Book) pages() []*Chapter {
	if b.Landing == nil {
		return b.Chapters
	}
	return append([]*Chapter{b.Landing}, b.Chapters...)
}

// Changes returns what ChangesFile must hold: a page that is not as it was on its day gets today's.
func (b *Book) Changes(root fs.FS, today time.Time) ([]byte, error) {
	before := changes(root)
	text := bytes.NewBufferString(changesHead)
	for _, c := range b.pages() {
		sum, err := c.sum(root)
		if err != nil {
			return nil, fmt.Errorf("when %s was changed: %w", c.File, err)
		}
		day := today
		if was, known := before[c.File]; known && was.sum == sum {
			day = was.day
		}
		fmt.Fprintln(text, c.File, day.Format(time.DateOnly), sum)
	}
	return text.Bytes(), nil
}

// sum is a hash of the chapter's text and recorded runs, whatever ends their lines.
func (c *Chapter) sum(root fs.FS) (string, error) {
	runs, err := fs.Glob(root, path.Dir(c.File)+"/recordings/*.json")
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	for _, name := range append([]string{c.File}, runs...) {
		data, err := fs.ReadFile(root, name)
		if err != nil {
			return "", err
		}
		data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
		fmt.Fprintln(hash, path.Base(name), len(data))
		hash.Write(data)
	}
	return hex.EncodeToString(hash.Sum(nil)[:8]), nil
}
