//go:build linux

package process

import "testing"

// awaitRecord waits for the record of the only run below the cache and returns its supervisor and its program.
func awaitRecord(t *testing.T, cache string) []int {
	t.Helper()
	var r record
	await(t, "the record of the run", func() bool {
		for _, file := range records(cache) {
			var err error
			if r, err = readRecord(file); err == nil && r.Program != 0 {
				return true
			}
		}
		return false
	})
	return []int{r.Supervisor, r.Program}
}
