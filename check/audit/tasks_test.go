package audit_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The tests run in their package's folder.
const (
	root     = "../.."
	runnable = root + "/runnable"
)

// dropped matches a task without a reference: the loop has weak references only, so the task may vanish, and its
// exception with it. A task group keeps references.
var dropped = regexp.MustCompile(`^\s*(asyncio|loop|asyncio\.get_running_loop\(\))\.(create_task|ensure_future)\(`)

// TestTasksAreHeld: in the Python that learners read and copy, each task has a name.
func TestTasksAreHeld(t *testing.T) {
	files := 0
	check := func(path, text string) {
		files++
		for i, line := range strings.Split(text, "\n") {
			if dropped.MatchString(line) {
				t.Errorf("%s:%d: a task is started without a reference to it: %s", path, i+1, strings.TrimSpace(line))
			}
		}
	}
	walk := func(root, ext string, read func(text string) string) {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && d.Name() == "testdata":
				return fs.SkipDir
			case filepath.Ext(path) != ext:
				return nil
			}
			text, err := os.ReadFile(path)
			check(path, read(string(text)))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	walk(runnable, ".py", func(text string) string { return text })
	walk(root+"/content", ".md", listings)
	if files < 40 {
		t.Errorf("only %d files were looked at", files)
	}
}

// listings blanks everything outside of Python listings, and keeps the line numbers. The article's own listings are
// elsewhere: they are printed as they were.
func listings(text string) string {
	inside := false
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "```") {
			inside = line == "```python"
		}
		if !inside {
			lines[i] = ""
		}
	}
	return strings.Join(lines, "\n")
}
