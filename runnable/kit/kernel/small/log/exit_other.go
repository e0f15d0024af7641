//go:build !wasip1

package log

import "os"

func exit(string) { os.Exit(1) }
