package hang

import (
	"testing"
	"time"
)

// Await asks again and again until there is nothing to complain of. what is what the test waits for.
func Await(t testing.TB, what string, complaint func() string) {
	t.Helper()
	for end := time.Now().Add(After); ; time.Sleep(2 * time.Millisecond) {
		trouble := complaint()
		if trouble == "" {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("waited %v for %s: %s", After, what, trouble)
		}
	}
}
