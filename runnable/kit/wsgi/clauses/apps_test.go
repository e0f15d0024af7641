//go:build linux || darwin

package clauses

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"era/runnable/kit/wsgi"
)

// apps are small applications, each for one clause, by path. testdata/apps.py has the same in Python.
var apps = map[string]wsgi.App{
	"/hello": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		start("200 OK", plain("Content-Length", "6"))
		return wsgi.One([]byte("hello\n"))
	},
	"/own": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		start("200 OK", plain())
		mark := "fresh"
		if _, there := e["battery.mark"]; there {
			mark = "used"
		}
		e["battery.mark"] = true // the application may change the environ
		return wsgi.One([]byte(mark))
	},
	"/head": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		start("299 Fine by me", plain("X-One", "1", "X-Two", "2", "X-One", "3"))
		return wsgi.One([]byte("ok"))
	},
	"/bad-status": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		start("fine", plain())
		return wsgi.One([]byte("ok"))
	},
	"/bad-header": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		start("200 OK", plain("X-Split", "a\r\nSet-Cookie: b"))
		return wsgi.One([]byte("ok"))
	},
	"/hop": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		start("200 OK", plain("Connection", "keep-alive"))
		return wsgi.One([]byte("ok"))
	},
	"/write": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		write := start("200 OK", plain())
		if err := write([]byte("written, ")); err != nil {
			panic(err)
		}
		return wsgi.One([]byte("then yielded"))
	},
	"/changes-its-mind": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		start("200 OK", plain())
		return func(yield func([]byte) bool) {
			if yield(nil) {
				start("503 Sorry", plain(), errors.New("no database"))
				yield([]byte("sorry"))
			}
		}
	},
	"/starts-twice": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		start("200 OK", plain())
		start("200 OK", plain())
		return wsgi.One([]byte("ok"))
	},
	"/too-late": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		start("200 OK", plain())
		return func(yield func([]byte) bool) {
			if yield([]byte("part")) {
				start("500 Oops", plain(), errors.New("found out late"))
				yield([]byte("never sent"))
			}
		}
	},
	"/fails-early": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		start("200 OK", plain())
		panic("before a chunk")
	},
	"/fails-late": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		start("200 OK", plain())
		return closing(func(yield func([]byte) bool) {
			if yield([]byte("part")) {
				panic("after a chunk")
			}
		})
	},
	"/starts-inside": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		return func(yield func([]byte) bool) {
			start("200 OK", plain())
			yield([]byte("ok"))
		}
	},
	"/never-starts": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		return func(yield func([]byte) bool) {}
	},
	"/ends": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		start("200 OK", plain())
		return closing(func(yield func([]byte) bool) { yield([]byte("ok")) })
	},
	"/endless": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		start("200 OK", plain())
		return closing(func(yield func([]byte) bool) {
			for asked.Store(0); asked.Add(1) < most && yield(make([]byte, 64<<10)); {
			}
		})
	},
	"/asked":  func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] { return say(start, asked.Load()) },
	"/closed": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] { return say(start, closed.Load()) },
	"/pid":    func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] { return say(start, os.Getpid()) },
	"/gate": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		start("200 OK", plain())
		return closing(func(yield func([]byte) bool) {
			if yield([]byte("first ")) {
				body, err := io.ReadAll(e["wsgi.input"].(io.Reader))
				yield(fmt.Appendf(nil, "then %s, %v", body, err))
			}
		})
	},
	"/long": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		start("200 OK", plain("Content-Length", "7"))
		return func(yield func([]byte) bool) { _ = yield([]byte("hello")) && yield([]byte(" world")) }
	},
	"/short": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		start("200 OK", plain("Content-Length", "7"))
		return wsgi.One([]byte("hello"))
	},
	"/two-lengths": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		start("200 OK", plain("Content-Length", "5", "content-length", "7"))
		return wsgi.One([]byte("hello"))
	},
	"/two": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		start("200 OK", plain())
		return func(yield func([]byte) bool) { _ = yield([]byte("one, ")) && yield(nil) && yield([]byte("two")) }
	},
	"/nothing": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		start("200 OK", plain())
		return func(yield func([]byte) bool) {}
	},
	"/no-content": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		start("204 No Content", nil)
		return func(yield func([]byte) bool) {}
	},
	"/no-content-named":    framed("204 No Content", "5", "hello"),
	"/no-content-none":     framed("204 No Content", "0", ""),
	"/reset":               framed("205 Reset Content", "5", "hello"),
	"/not-modified":        framed("304 Not Modified", "5", ""),
	"/not-modified-bodied": framed("304 Not Modified", "", "hello"),
	"/echo": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		body, err := io.ReadAll(e["wsgi.input"].(io.Reader))
		start("200 OK", plain())
		return wsgi.One(fmt.Appendf(nil, "%s, %v", body, err))
	},
	"/past": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		length, err := strconv.Atoi(e.Text("CONTENT_LENGTH"))
		if err != nil {
			panic(err)
		}
		body, err := io.ReadAll(io.LimitReader(e["wsgi.input"].(io.Reader), int64(length+4)))
		start("200 OK", plain())
		return wsgi.One(fmt.Appendf(nil, "%s, %v", body, err))
	},
	"/line": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		line, err := bufio.NewReader(e["wsgi.input"].(io.Reader)).ReadString('\n')
		start("200 OK", plain())
		return wsgi.One(fmt.Appendf(nil, "%q, %v", line, err))
	},
	"/environ": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] { return list(e, start, cgi) },
	"/http": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		return list(e, start, func(name string) bool { return strings.HasPrefix(name, "HTTP_") })
	},
	"/proxy": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		start("200 OK", plain())
		if os.Getenv("HTTP_PROXY") == "evil" {
			return wsgi.One([]byte("evil"))
		}
		return wsgi.One([]byte("not evil"))
	},
	"/flags": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		start("200 OK", plain())
		return wsgi.One(fmt.Appendf(nil, "threads %v, processes %v, once %v, version (%d, %d)", e["wsgi.multithread"],
			e["wsgi.multiprocess"], e["wsgi.run_once"], e["wsgi.version"].([2]int)[0], e["wsgi.version"].([2]int)[1]))
	},
	"/hangs": func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] { select {} },
	"/dies":  func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] { os.Exit(3); return nil },
}

// framed answers with a status, a Content-Length if length is not empty, and a body.
func framed(status, length, body string) wsgi.App {
	return func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		var headers []wsgi.Header
		if length != "" {
			headers = []wsgi.Header{{"Content-Length", length}}
		}
		start(status, headers)
		return wsgi.One([]byte(body))
	}
}

// most is how often /endless yields if it is not stopped.
const most = 4096

var asked, closed atomic.Int64

// all is the application that serves all of apps.
func all(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
	path := e.Text("PATH_INFO")
	if strings.HasPrefix(path, "/bytes/") {
		start("200 OK", plain())
		return wsgi.One([]byte(path[len("/bytes/"):]))
	}
	if inner, is := strings.CutPrefix(path, "/shout"); is {
		return shout(apps[inner])(e, start)
	}
	if app := apps[path]; app != nil {
		return app(e, start)
	}
	start("404 Not Found", plain())
	return wsgi.One([]byte("no such application"))
}

// closing counts how often the iterator was closed, however it ended.
func closing(chunks iter.Seq[[]byte]) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		defer closed.Add(1)
		chunks(yield)
	}
}

// shout is a middleware: it yields a chunk for each chunk, and closing its iterator closes the inner one.
func shout(inner wsgi.App) wsgi.App {
	return func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		chunks := inner(e, start)
		return func(yield func([]byte) bool) {
			for chunk := range chunks {
				if !yield(bytes.ToUpper(chunk)) {
					return
				}
			}
		}
	}
}

// cgi reports whether the tests check a variable; servers have others of their own.
func cgi(name string) bool {
	for _, begin := range []string{"CONTENT_", "HTTP_", "PATH_INFO", "QUERY_STRING", "REMOTE_ADDR", "REQUEST_METHOD",
		"SCRIPT_NAME", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "wsgi.url_scheme"} {
		if strings.HasPrefix(name, begin) {
			return true
		}
	}
	return false
}

// list lists texts of the environ. The server's name may be anything but empty.
func list(e wsgi.Environ, start wsgi.StartResponse, wanted func(string) bool) iter.Seq[[]byte] {
	var lines []string
	for name, value := range e {
		text, ok := value.(string)
		switch {
		case !ok || !wanted(name):
		case (name == "SERVER_NAME" || name == "SERVER_PORT") && text != "":
			lines = append(lines, name)
		default:
			lines = append(lines, name+"="+text)
		}
	}
	slices.Sort(lines)
	start("200 OK", plain())
	return wsgi.One([]byte(strings.Join(lines, ", ")))
}

func say(start wsgi.StartResponse, value any) iter.Seq[[]byte] {
	start("200 OK", plain())
	return wsgi.One(fmt.Append(nil, value))
}

// plain returns the headers of a text, and more: name, value, name, value.
func plain(more ...string) []wsgi.Header {
	headers := []wsgi.Header{{"Content-Type", "text/plain"}}
	for pair := range slices.Chunk(more, 2) {
		headers = append(headers, wsgi.Header{pair[0], pair[1]})
	}
	return headers
}
