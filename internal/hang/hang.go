// Package hang says how long a test waits for an event before it calls that a hang.
package hang

import "time"

// After is far more than anything takes, even on two cores beside four busy loops, and less than go test allows a
// package. No test asserts a time with it: a test that waits so long has failed, and says what it waited for.
const After = 3 * time.Minute
