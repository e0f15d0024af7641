package process

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"sync"

	"era/lab/visible"
)

const (
	outputCap = 256 << 10 // bytes of one stream that are kept
	keepLines = 40
	keepHead  = 10 // of these, from the beginning: a Go program says first why it panics
	lineCap   = 1000
	endKept   = 4 << 10 // the last bytes beyond the cap
)

// tail reads one output stream of a program: it passes complete lines to an observer and keeps the first and the last.
// Beyond the cap it keeps reading, so that the program is not blocked, but keeps only the very end and counts the rest.
type tail struct {
	observe func(line string)

	mu      sync.Mutex
	lines   []string
	dropped int64
}

func (t *tail) read(from io.Reader) {
	lines := bufio.NewScanner(&io.LimitedReader{R: from, N: outputCap})
	lines.Buffer(make([]byte, 0, 4096), outputCap+1)
	for lines.Scan() {
		t.keep(lines.Text())
	}
	// This is the end of the stream, or the cap. A pipe that was closed under the reader has ended as well.
	var end []byte
	var dropped int64
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		dropped += int64(n)
		if end = append(end, buffer[:n]...); len(end) > endKept {
			end = append(end[:0], end[len(end)-endKept:]...)
		}
		if err != nil {
			break
		}
	}
	if dropped == 0 {
		return
	}
	t.mu.Lock()
	t.dropped = dropped - int64(len(end))
	t.mu.Unlock()
	for line := range strings.Lines(string(end)) {
		t.keep(strings.TrimRight(line, "\r\n"))
	}
}

func (t *tail) keep(line string) {
	if t.observe != nil {
		t.observe(visible.Text(line))
	}
	if len(line) > lineCap {
		line = line[:lineCap] + " ..."
	}
	line = visible.Text(line)
	t.mu.Lock()
	if len(t.lines) == keepLines {
		copy(t.lines[keepHead:], t.lines[keepHead+1:])
		t.lines = t.lines[:keepLines-1]
	}
	t.lines = append(t.lines, line)
	t.mu.Unlock()
}

func (t *tail) all() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.lines...)
}

func (t *tail) withDropped(name string) []string {
	lines := t.all()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.dropped > 0 {
		lines = append(lines, fmt.Sprintf("(%d more bytes of %s dropped)", t.dropped, name))
	}
	return lines
}
