//go:build !linux

package process

// peers needs /proc.
func peers(int, string) map[int][]int { return nil }
