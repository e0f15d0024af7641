package kernel

// A pipe keeps its bytes in up to 16 pages of 4096. A write begins a new page unless its rest fits into the last one;
// therefore many short writes with long ones between fill it before 65,536 bytes are in it (pipe(7)).
const (
	page  = 4096
	pages = 16
)

type pipe struct {
	pages   [][]byte
	used    []int // how far each page was ever written: what was read from its start does not come back
	in, out *File // the ends; nil when closed
}

// PipeReader and PipeWriter are the ends of a pipe.
type (
	PipeReader struct{ *pipe }
	PipeWriter struct{ *pipe }
)

// Pipe makes a pipe: what is written to w can be read from r (pipe(2)).
func (p *Process) Pipe() (r, w int, err error) {
	c := &pipe{}
	c.out, c.in = &File{Of: PipeReader{c}}, &File{Of: PipeWriter{c}}
	if r, err = p.open(c.out); err != nil {
		return -1, -1, err
	}
	if w, err = p.open(c.in); err != nil {
		p.files[r] = nil
		return -1, -1, err
	}
	return r, w, nil
}

// Len is how many bytes wait in the pipe.
func (c *pipe) Len() (n int) {
	for _, p := range c.pages {
		n += len(p)
	}
	return n
}

func (c *pipe) read(b []byte) (int, error) {
	n := 0
	wasFull := len(c.pages) == pages
	for n < len(b) && len(c.pages) > 0 {
		got := copy(b[n:], c.pages[0])
		n += got
		if c.pages[0] = c.pages[0][got:]; len(c.pages[0]) == 0 {
			c.pages, c.used = c.pages[1:], c.used[1:]
		}
	}
	if n == 0 && len(b) > 0 && c.in != nil {
		return -1, EAGAIN
	}
	if wasFull && len(c.pages) < pages {
		c.in.wake(POLLOUT)
	}
	return n, nil
}

// write takes up to a page whole or not at all, and of more what fits (pipe(7), PIPE_BUF).
func (c *pipe) write(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	if c.out == nil {
		return -1, EPIPE
	}
	n := 0
	if last, rest := len(c.pages)-1, len(b)%page; last >= 0 && rest > 0 && c.used[last]+rest <= page {
		c.pages[last] = append(c.pages[last], b[:rest]...)
		c.used[last] += rest
		n = rest
	}
	for n < len(b) && len(c.pages) < pages {
		more := min(page, len(b)-n)
		c.pages = append(c.pages, append([]byte(nil), b[n:n+more]...))
		c.used = append(c.used, more)
		n += more
	}
	c.out.wake(POLLIN) // even if nothing was written
	if n == 0 {
		return -1, EAGAIN
	}
	return n, nil
}

// Poll follows pipe_poll.
func (r PipeReader) Poll() (is Events) {
	if len(r.pages) > 0 {
		is |= POLLIN
	}
	if r.in == nil {
		is |= POLLHUP
	}
	return is
}

// Poll follows pipe_poll.
func (w PipeWriter) Poll() (is Events) {
	if len(w.pages) < pages {
		is |= POLLOUT
	}
	if w.out == nil {
		is |= POLLERR
	}
	return is
}

func (r PipeReader) release() {
	r.out = nil
	r.in.wake(0)
}

func (w PipeWriter) release() {
	w.in = nil
	w.out.wake(0)
}
