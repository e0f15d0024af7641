//go:build !wasip1

package flag

import "os"

func arguments() []string { return os.Args[1:] }
