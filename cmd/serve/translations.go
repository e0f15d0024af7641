package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"era/chapters"
	"era/lab/cli"
	"era/lab/words"
)

// translations lists what translators have to do: blocks whose original has changed, and blocks that are not translated
// yet.
func translations(_ context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("serve translations", flag.ContinueOnError)
	flags.SetOutput(stderr)
	all := flags.Bool("all", false, "list also what is up to date, with its marks")
	mark := flags.Bool("mark", false, "write the marks of blocks that have ? in place of one")
	if status, done := cli.Parse(flags, args); done {
		return status
	}
	root, err := findRoot()
	if err != nil {
		return cli.Report(stderr, err)
	}
	files, err := filesOf(root)
	if err != nil {
		return cli.Report(stderr, err)
	}
	book, err := chapters.Load(files)
	if err != nil {
		fmt.Fprintln(stderr, err)
	}
	if book == nil {
		return 1
	}
	for _, t := range book.Translations {
		for _, c := range t.Pages {
			written := 0
			if *mark {
				if written, err = writeMarks(files, root, c); err != nil {
					return cli.Report(stderr, err)
				}
			}
			for _, m := range c.Marks {
				if *all && m.Was == m.Is {
					fmt.Fprintf(stdout, "%s:%d: as %s, mark %s\n", c.File, m.Line, m.Place, m.Is)
				}
			}
			for _, p := range c.Behind {
				fmt.Fprintln(stdout, p)
			}
			fmt.Fprintf(stdout, "%s: %s translated, %d to look at, %d marked now\n", c.File, words.Plural(len(c.Marks), "block"),
				len(c.Behind)-written, written)
		}
	}
	return 0
}

// writeMarks puts marks where a translator has left a ?, and returns how many.
func writeMarks(files fs.FS, root string, c *chapters.Chapter) (int, error) {
	text, err := fs.ReadFile(files, c.File)
	if err != nil {
		return 0, err
	}
	written, lines := 0, bytes.SplitAfter(text, []byte("\n"))
	for _, m := range c.Marks {
		if m.Was == "?" {
			lines[m.Line-1] = bytes.Replace(lines[m.Line-1], []byte("?"), []byte(m.Is), 1)
			written++
		}
	}
	if written == 0 {
		return 0, nil
	}
	return written, os.WriteFile(filepath.Join(root, filepath.FromSlash(c.File)), bytes.Join(lines, nil), 0o644)
}
