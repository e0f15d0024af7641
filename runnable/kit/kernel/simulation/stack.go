package simulation

import (
	"runtime"
	"strconv"
	"strings"
)

// stack are return addresses, the innermost first.
type stack [12]uintptr

func (s *stack) look(skip int) { clear(s[runtime.Callers(skip, s[:]):]) }

// places are source lines by return address: the innermost one of the servers, "" for Go's own and the kernel's, and
// whether it is outside the kit.
var places = map[uintptr]place{}

type place struct {
	text    string
	outside bool
}

func placeOf(pc uintptr) place {
	if l, known := places[pc]; known {
		return l
	}
	var l place
	for frames := runtime.CallersFrames([]uintptr{pc}); ; {
		frame, more := frames.Next()
		if file, is := below(frame.File); is && !strings.HasSuffix(file, "_wasip1.go") &&
			!strings.HasPrefix(file, "kit/kernel/") {
			l = place{file + ":" + strconv.Itoa(frame.Line), !strings.HasPrefix(file, "kit/")}
			break
		}
		if !more {
			break
		}
	}
	places[pc] = l
	return l
}

// below cuts off a path what precedes runnable's own files.
func below(file string) (string, bool) {
	_, file, is := strings.Cut(file, "runnable/")
	return file, is
}

// inside is the innermost line of a server or of the kit: that of a call.
func (s *stack) inside() string {
	for _, pc := range s {
		if pc == 0 {
			break
		}
		if l := placeOf(pc); l.text != "" {
			return l.text
		}
	}
	return ""
}

// outside is the innermost line of a server: that of a coroutine. It is inside's if the server's is too far away.
func (s *stack) outside() string {
	for _, pc := range s {
		if pc == 0 {
			break
		}
		if l := placeOf(pc); l.outside {
			return l.text
		}
	}
	return s.inside()
}

// function names the function at an address, and its line.
func function(code uintptr) (name, site string) {
	f := runtime.FuncForPC(code)
	if f == nil {
		return "", ""
	}
	name = f.Name()
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		name = name[i+1:]
	}
	file, number := f.FileLine(code)
	if file, is := below(file); is {
		site = file + ":" + strconv.Itoa(number)
	}
	return strings.TrimSuffix(name, "-fm"), site
}
