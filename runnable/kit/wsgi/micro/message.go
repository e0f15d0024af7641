package micro

import (
	"bytes"
	"html/template"
	"io"
	"iter"
	"mime"
	"net/http"
	"net/url"
	"strconv"

	"era/runnable/kit/wsgi"
)

// Request is a request with its environ.
type Request struct {
	wsgi.Environ
	params map[string]string
}

// Method is GET, POST and so on.
func (r *Request) Method() string { return r.Text("REQUEST_METHOD") }

// Path is the request's path, without the prefix of Mount.
func (r *Request) Path() string { return r.Text("PATH_INFO") }

// Root is the path at which the application is mounted; "" is the root of the server. The addresses of its pages begin
// with it.
func (r *Request) Root() string { return r.Text("SCRIPT_NAME") }

// Param is the segment of the path at the position where the route has the name in braces.
func (r *Request) Param(name string) string { return r.params[name] }

// Body is the request's body. Reading it waits for the client.
func (r *Request) Body() io.Reader { return r.Environ["wsgi.input"].(io.Reader) } // guaranteed by the contract

// Errors is the server's log.
func (r *Request) Errors() io.Writer { return r.Environ["wsgi.errors"].(io.Writer) }

// formMax is the most that a form may have, in bytes.
const formMax = 64 << 10

// Form reads a form that was sent in the body. For another kind of body the error is a Status of 415, for one of more
// than 64 KiB 413, and for a malformed one 400.
func (r *Request) Form() (url.Values, error) {
	if kind, _, err := mime.ParseMediaType(r.Text("CONTENT_TYPE")); err != nil ||
		kind != "application/x-www-form-urlencoded" {
		return nil, Status(http.StatusUnsupportedMediaType)
	}
	text, err := io.ReadAll(io.LimitReader(r.Body(), formMax+1))
	if len(text) > formMax {
		return nil, Status(http.StatusRequestEntityTooLarge)
	}
	values, wrong := url.ParseQuery(string(text))
	if err != nil || wrong != nil {
		return nil, Status(http.StatusBadRequest)
	}
	return values, nil
}

// Response is a reply.
type Response struct {
	Status  int
	Headers []wsgi.Header
	Body    iter.Seq[[]byte]
}

// With returns the response with one more header.
func (r Response) With(name, value string) Response {
	r.Headers = append(r.Headers[:len(r.Headers):len(r.Headers)], wsgi.Header{name, value})
	return r
}

// Text is a response of plain text.
func Text(status int, text string) Response { return whole(status, "text/plain", []byte(text)) }

// Page is a response of HTML, made by the template with this name; the template escapes its data.
func Page(status int, templates *template.Template, name string, data any) (Response, error) {
	var page bytes.Buffer
	if err := templates.ExecuteTemplate(&page, name, data); err != nil {
		return Response{}, err
	}
	return whole(status, "text/html; charset=utf-8", page.Bytes()), nil
}

func whole(status int, kind string, body []byte) Response {
	headers := []wsgi.Header{{"Content-Type", kind}, {"Content-Length", strconv.Itoa(len(body))}}
	return Response{status, headers, wsgi.One(body)}
}

// SeeOther sends the client to another page, which it requests with GET: the reply to an accepted form, so that
// reloading the page does not send the form again (RFC 9110, section 15.4.4).
func SeeOther(to string) Response {
	return Text(http.StatusSeeOther, "See "+to+"\n").With("Location", to)
}

// Stream is a response of plain text whose parts are sent as soon as they are yielded.
func Stream(parts iter.Seq[[]byte]) Response {
	return Response{http.StatusOK, []wsgi.Header{{"Content-Type", "text/plain"}}, parts}
}
