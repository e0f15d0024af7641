package toolkit

import (
	"bytes"
	"html/template"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"

	"era/runnable/kit/asgi"
)

// Request is a request with its scope.
type Request struct {
	asgi.Scope
	params  map[string]string
	receive asgi.Receive
	gone    bool // the client
}

// Param is the segment of the path at the position where the route has the name in braces.
func (r *Request) Param(name string) string { return r.params[name] }

// Read returns the request's body part by part, and waits for the client. more is false with the last part;
// io.ErrUnexpectedEOF means that the client left before that.
func (r *Request) Read() (part []byte, more bool, err error) {
	switch e, err := r.receive(); {
	case err != nil:
		return nil, false, err
	case e.Type == asgi.HTTPDisconnect:
		r.gone = true
		return nil, false, io.ErrUnexpectedEOF
	default:
		return e.Body, e.More, nil
	}
}

// formMax is the most that a form may have, in bytes.
const formMax = 64 << 10

// Form reads a form that was sent in the body. For another kind of body the error is a Status of 415, for one of more
// than 64 KiB 413, and for a malformed one 400.
func (r *Request) Form() (url.Values, error) {
	if kind, _, err := mime.ParseMediaType(r.Get("content-type")); err != nil ||
		kind != "application/x-www-form-urlencoded" {
		return nil, Status(http.StatusUnsupportedMediaType)
	}
	var text []byte
	for more := true; more; {
		var part []byte
		var err error
		if part, more, err = r.Read(); err != nil {
			return nil, err
		}
		if text = append(text, part...); len(text) > formMax {
			return nil, Status(http.StatusRequestEntityTooLarge)
		}
	}
	values, err := url.ParseQuery(string(text))
	if err != nil {
		return nil, Status(http.StatusBadRequest)
	}
	return values, nil
}

// Response is a reply.
type Response struct {
	Status  int
	Headers []asgi.Header
	Body    []byte
	// Parts sends a body in parts, instead of Body: each write waits until there is room for more.
	Parts func(write func([]byte) error) error
}

// send sends the response to the server.
func (r Response) send(send asgi.Send) error {
	if err := send(asgi.Event{Type: asgi.ResponseStart, Status: r.Status, Headers: r.Headers}); err != nil {
		return err
	}
	if r.Parts != nil {
		err := r.Parts(func(part []byte) error { return send(asgi.Event{Type: asgi.ResponseBody, Body: part, More: true}) })
		if err != nil {
			return err // the response is incomplete, so the server aborts it
		}
	}
	return send(asgi.Event{Type: asgi.ResponseBody, Body: r.Body})
}

// With returns the response with one more header.
func (r Response) With(name, value string) Response {
	r.Headers = append(r.Headers[:len(r.Headers):len(r.Headers)], asgi.Header{Name: name, Value: value})
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
	headers := []asgi.Header{{Name: "content-type", Value: kind}, {Name: "content-length", Value: strconv.Itoa(len(body))}}
	return Response{Status: status, Headers: headers, Body: body}
}

// SeeOther sends the client to another page, which it requests with GET: the reply to an accepted form, so that
// reloading the page does not send the form again (RFC 9110, section 15.4.4).
func SeeOther(to string) Response {
	return Text(http.StatusSeeOther, "See "+to+"\n").With("location", to)
}

// Stream is a response of plain text whose parts are sent as soon as they are written.
func Stream(parts func(write func([]byte) error) error) Response {
	return Response{Status: http.StatusOK, Headers: []asgi.Header{{Name: "content-type", Value: "text/plain"}},
		Parts: parts}
}
