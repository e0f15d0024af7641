package job

import (
	"bytes"
	"io"

	"era/runnable/kit/http1"
	"era/runnable/kit/sys"
)

// Handle serves one connection until the client leaves: read the request, ask the backend, write the reply. Each step
// waits until it is done, and the thread with it. The connection's state needs no variable: it is the line that waits.
func Handle(conn int, backend sys.Addr) {
	defer sys.Close(conn)
	var inbox http1.Inbox
	for {
		request, err := readRequest(conn, &inbox)
		if err != nil {
			return
		}
		reply := request.Reply()
		if request.Asks {
			if line, err := ask(backend, request.Question); err == nil {
				reply = request.Answer(line)
			} else {
				reply = request.Unanswered()
			}
		}
		if err := writeAll(conn, reply); err != nil {
			return
		}
		if request.Close {
			sys.Shutdown(conn, sys.SHUT_WR) // the client reads our end of file; we read until the client's own
		}
	}
}

// readRequest waits until a whole request has arrived. TCP carries a stream of bytes: one read may return half a
// request, or three.
func readRequest(conn int, inbox *http1.Inbox) (http1.Request, error) {
	for {
		if request, ok := inbox.Next(); ok {
			return request, nil
		}
		arrived := make([]byte, 4096)
		n, err := sys.Read(conn, arrived) // here a slow client holds us
		if err != nil {
			return http1.Request{}, err
		}
		if n == 0 {
			return http1.Request{}, io.EOF
		}
		inbox.Add(arrived[:n])
	}
}

// Ask is the handler's second step, for programs with their own handler.
func Ask(backend sys.Addr, question string) ([]byte, error) { return ask(backend, question) }

// ask connects to the backend, sends it one line and waits for its answer, also one line.
func ask(backend sys.Addr, question string) ([]byte, error) {
	conn, err := sys.Socket(sys.AF_INET, sys.SOCK_STREAM, 0)
	if err != nil {
		return nil, err
	}
	defer sys.Close(conn)
	if err := sys.Connect(conn, backend); err != nil {
		return nil, err
	}
	if err := writeAll(conn, []byte(question)); err != nil {
		return nil, err
	}
	var line []byte
	for !bytes.HasSuffix(line, []byte("\n")) {
		arrived := make([]byte, 64<<10)
		n, err := sys.Read(conn, arrived) // here a slow backend holds us
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return nil, io.EOF
		}
		line = append(line, arrived[:n]...)
	}
	return line, nil
}

// writeAll hands all of p to the kernel, which takes as much as its buffer has room for and then makes the thread wait.
func writeAll(conn int, p []byte) error {
	for len(p) > 0 {
		n, err := sys.Write(conn, p) // here a client that does not read holds us
		if err != nil {
			return err
		}
		p = p[n:]
	}
	return nil
}
