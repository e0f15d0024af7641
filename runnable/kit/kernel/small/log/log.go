// Package log is what a module of the simulated kernel has instead of Go's. Fatal ends the program, and not the
// machine.
package log

import (
	"io"

	"era/runnable/kit/kernel/small/fmt"
)

func SetFlags(int) {}

func Print(args ...any)                 { line(fmt.Sprint(args...)) }
func Println(args ...any)               { print(fmt.Sprintln(args...)) }
func Printf(format string, args ...any) { line(fmt.Sprintf(format, args...)) }
func Fatal(args ...any)                 { fatal(fmt.Sprint(args...)) }
func Fatalf(format string, args ...any) { fatal(fmt.Sprintf(format, args...)) }

// Writer is where lines go.
func Writer() io.Writer { return console{} }

type console struct{}

func (console) Write(p []byte) (int, error) {
	print(string(p))
	return len(p), nil
}

func line(text string) {
	if len(text) == 0 || text[len(text)-1] != '\n' {
		text += "\n"
	}
	print(text)
}

func fatal(text string) {
	line(text)
	exit(text)
}
