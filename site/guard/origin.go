package guard

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
)

// checkHost lets only requests in that name this server. When the name of a stranger's page suddenly points to this
// machine (DNS rebinding), the browser sends the stranger's name.
func (g *Guard) checkHost(r *http.Request) error {
	if r.URL.Host != "" || r.URL.Scheme != "" {
		return errors.New("this is not a proxy: send a path, not an absolute address")
	}
	if slices.Contains(g.hosts, r.Host) {
		return nil
	}
	if g.options.LAN {
		// The address at which this connection arrived is always the machine's own, even after it got a new one.
		if local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok && r.Host == local.String() {
			return nil
		}
	}
	return fmt.Errorf("no such host here: %q; this server answers to %s", shorten(r.Host), strings.Join(g.hosts, ", "))
}

func shorten(s string) string {
	if len(s) > 100 {
		return s[:100] + "..."
	}
	return s
}

// upgrades reports whether the request wants to leave HTTP.
func upgrades(r *http.Request) bool {
	return r.Header.Get("Upgrade") != "" || r.Method == http.MethodConnect
}

// CheckUpgrade refuses a WebSocket that was not opened by a page of this server. Browsers do not keep pages from
// opening WebSockets to other hosts, and always send the origin, so a request without one is refused as well.
func (g *Guard) CheckUpgrade(r *http.Request) error {
	if err := g.checkHost(r); err != nil {
		return err
	}
	origins := r.Header.Values("Origin")
	switch {
	case len(origins) != 1:
		return errors.New("a WebSocket needs an Origin")
	case origins[0] != "http://"+r.Host:
		return fmt.Errorf("foreign origin %q", shorten(origins[0]))
	}
	if from := r.Header.Get("Sec-Fetch-Site"); from != "" && from != "same-origin" {
		return fmt.Errorf("a WebSocket from a %s page", shorten(from))
	}
	return nil
}

// checkFetch keeps pages of other sites from using ours in frames, as images or scripts. Links to pages are allowed,
// and frames for the pages that are made for them. Old browsers, plain HTTP between machines and other programs send no
// Sec-Fetch headers; requests that may change something are also checked in other ways (CrossOriginProtection, the
// session).
func checkFetch(r *http.Request) error {
	read := r.Method == http.MethodGet || r.Method == http.MethodHead
	if origin := r.Header.Get("Origin"); !read && origin != "" && origin != "http://"+r.Host {
		return fmt.Errorf("foreign origin %q", shorten(origin))
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return nil
	}
	to := r.Header.Get("Sec-Fetch-Dest")
	if read && r.Header.Get("Sec-Fetch-Mode") == "navigate" && (to == "document" || to == "iframe" && framed(r)) {
		return nil
	}
	return errors.New("a page of another site may link here and do no more")
}
