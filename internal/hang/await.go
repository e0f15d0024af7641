package hang

import (
	"testing"
	"time"
)

// Await asks again and again until there is nothing to complain of.
func Await(t testing.TB, complaint func() string) {
	t.Helper()
	for end := time.Now().Add(After); ; time.Sleep(2 * time.Millisecond) {
		trouble := complaint()
		if trouble == "" {
			return
		}
		if time.Now().After(end) {
			t.Fatal(trouble)
		}
	}
}
