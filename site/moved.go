package site

import (
	"fmt"
	"html"
	"path"
	"strings"

	"era/site/guard"
)

// moved are folders below runnable, by their former names: links to the pages of their sources still work.
var moved = map[string]string{
	"threads": "blocking/threads", "selectthreads": "select/threads", "poll": "epoll/poll", "coroutine": "coroutines",
	"tcpserver": "tornado/tcpserver", "udpserver": "tornado/udpserver", "httpserver": "tornado/httpserver",
	"mailserver": "tornado/mailserver", "httpclient": "tornado/httpclient", "redis": "tornado/redis",
	"mistakes": "asyncawait/mistakes", "rows": "wsgi/mistakes", "asgiblocking": "asgi/mistakes",
	"gateway-mistakes": "websocket/mistakes", "framework": "gateways/framework", "anyserver": "gateways/anyserver",
	"chi": "gateways/chi", "contestants": "thirdparty/servers", "asgi-clients": "thirdparty/clients",
}

// formerPage returns the former address of a source file's page; "" if it never moved.
func formerPage(name string) string {
	folder, file := path.Split(strings.TrimPrefix(name, "runnable/"))
	for former, now := range moved {
		if folder == now+"/" {
			return sourcePage(former + "/" + file)
		}
	}
	return ""
}

// movedTo returns a page that sends its readers to another.
func movedTo(from, to string) []byte {
	address := html.EscapeString(strings.Repeat("../", strings.Count(from, "/")) + to)
	return fmt.Appendf(nil, `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="%s">
<title>Moved</title>
<meta http-equiv="refresh" content="0; url=%[2]s">
<p>This page has moved <a href="%[2]s">here</a>.</p>
</html>
`, html.EscapeString(guard.Policy), address)
}
