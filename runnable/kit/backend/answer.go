package backend

import (
	"bytes"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// What a question may ask for.
const (
	maxDelay = 10 * time.Second
	maxSize  = 64 << 20
)

// Wanted takes what it can from a question: "delay=50" is milliseconds, "size=1000" bytes of the answer. What it cannot
// read is 0.
func Wanted(query string) (delay time.Duration, size int) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return 0, 0
	}
	if ms, err := strconv.Atoi(values.Get("delay")); err == nil {
		delay = min(max(time.Duration(ms)*time.Millisecond, 0), maxDelay)
	}
	if n, err := strconv.Atoi(values.Get("size")); err == nil {
		size = min(max(n, 0), maxSize)
	}
	return delay, size
}

// HangsUp tells whether the question asks the backend to hang up without an answer: "hangup=1".
func HangsUp(query string) bool {
	values, err := url.ParseQuery(query)
	return err == nil && values.Has("hangup")
}

// Line is the answer "waited 50 ms", padded with dots to size bytes in all when size is larger.
func Line(delay time.Duration, size int) []byte {
	line := fmt.Appendf(nil, "waited %d ms", delay.Milliseconds())
	if missing := size - len(line) - 1; missing > 0 {
		line = append(line, bytes.Repeat([]byte{'.'}, missing)...)
	}
	return append(line, '\n')
}
