//go:build !linux && !darwin

package process

import "context"

func lock(context.Context, string, func()) (release func(), err error) { return func() {}, nil }

func held(string) bool { return false }
