//go:build !linux && !darwin

package main

import "os"

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func inFront(*os.File) bool { return true }

func ignoreStop() {}
