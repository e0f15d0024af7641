// Package flag is what a module of the simulated kernel has instead of Go's: flags with a value in the next argument,
// or behind an equals sign.
package flag

import (
	"strconv"
	"strings"
	"time"

	"era/runnable/kit/kernel/small/log"
)

var (
	values = map[string]func(text string) error{}
	rest   []string
)

func String(name, value, usage string) *string {
	values[name] = func(text string) error { value = text; return nil }
	return &value
}

func Int(name string, value int, usage string) *int {
	values[name] = func(text string) (err error) { value, err = strconv.Atoi(text); return err }
	return &value
}

func Duration(name string, value time.Duration, usage string) *time.Duration {
	values[name] = func(text string) (err error) { value, err = time.ParseDuration(text); return err }
	return &value
}

// Parse reads the program's arguments.
func Parse() { parse(arguments()) }

func parse(args []string) {
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		name, value, has := strings.Cut(strings.TrimLeft(args[0], "-"), "=")
		args = args[1:]
		if !has && len(args) > 0 {
			value, args, has = args[0], args[1:], true
		}
		set := values[name]
		if set == nil || !has {
			log.Fatalf("flag -%s: it is unknown, or has no value", name)
		}
		if err := set(value); err != nil {
			log.Fatalf("flag -%s: %v", name, err)
		}
	}
	rest = args
}

// NArg counts the arguments behind the flags.
func NArg() int { return len(rest) }

// Arg is one of them.
func Arg(n int) string { return rest[n] }
