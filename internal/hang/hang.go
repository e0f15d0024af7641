// Package hang says how long a test waits for what must happen before it calls it a hang.
package hang

import "time"

// After is far more than anything takes, on two cores beside four busy loops too, and less than go test gives a package. No
// test asserts a time with it: a test that waits so long has failed, and says what it waited for.
const After = 3 * time.Minute
