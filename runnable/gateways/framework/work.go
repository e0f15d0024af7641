package main

import (
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// burn keeps the processor busy for "ms=200", up to 2000; ok is false for any other query.
func burn(query string) (text string, ok bool) {
	values, err := url.ParseQuery(query)
	ms, wrong := strconv.Atoi(values.Get("ms"))
	if err != nil || wrong != nil || ms < 1 || ms > 2000 {
		return "", false
	}
	for began := time.Now(); time.Since(began) < time.Duration(ms)*time.Millisecond; {
	}
	return fmt.Sprintf("burned %d ms\n", ms), true
}

func number(n int) string { return strconv.Itoa(n) }

func milliseconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds()*1000, 'f', 3, 64) }
