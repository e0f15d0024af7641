// Package catalogue is what the lab and the site must know of the book's servers. The servers themselves are programs
// below runnable; each folder there has an entry that describes what is in it.
package catalogue

import (
	"fmt"
	"slices"
	"strings"

	"era/internal/language"
)

// Language is one in which a server is written.
type Language = language.Language

// The languages of the book.
const (
	Go     = language.Go
	Python = language.Python
	C      = language.C
)

// Protocol is what a server and its clients speak.
type Protocol string

// The protocols. All generations of the book's one job speak HTTP.
const (
	HTTP      Protocol = ""
	Echo      Protocol = "echo"      // TCP: lines come back as they went
	Datagrams Protocol = "datagrams" // UDP: each datagram comes back to its sender
	Mail      Protocol = "mail"      // SMTP
	WebSocket Protocol = "websocket" // of a chat room, /chat on a server that speaks HTTP
)

// Server is one generation of the same server, or another program of the book that the lab can start.
type Server struct {
	ID     string // its name everywhere
	Folder string // of the program, below runnable
	// Args stand before the others on the program's command line: one program may be several servers.
	Args    []string
	Speaks  Protocol
	Chats   bool   // it has a room, too: what one says to /chat by WebSocket, all hear
	Tasks   bool   // it serves clients by coroutines or tasks, which only the trace of a Go program shows
	Mistake string // what it does wrong on purpose, in a few words; "" for nothing
	Cure    string // the ID of the server whose mistake it does not make; it makes sense beside that one only
	// Bridged is a server whose application is written for another contract: it answers right, but not all that it
	// means comes over.
	Bridged   bool
	Title     string
	Year      int    // when servers of this kind came up
	Chapter   string // the chapter of the book that explains it
	Summary   string // how it works, in one sentence
	Languages []Language
	// OnLinux are the languages in which it makes calls that only Linux has.
	OnLinux []Language
	// Untraced says why no trace of its calls can be had; "" when it can.
	Untraced string
	// Needs are third-party; none when its language's own library will do.
	Needs []Need
	entry string // where its entry stands: "runnable/select/server.yaml:1"
}

// DoesTheJob tells whether it is one of the generations of the book's one job, right in every respect. Third-party
// servers are not measured by that, nor what comes over a bridge.
func (s Server) DoesTheJob() bool {
	return s.Speaks == HTTP && s.Mistake == "" && s.Cure == "" && !s.Bridged && len(s.Needs) == 0
}

// Understands tells whether clients of the protocol can be its clients.
func (s Server) Understands(p Protocol) bool {
	return s.Speaks == p || p == WebSocket && s.Chats
}

// Dir is the program's folder, relative to the repository's root, with slashes.
func (s Server) Dir() string { return "runnable/" + s.Folder }

// Program is a name for what the folder is built to: no two folders have the same.
func (s Server) Program() string {
	return strings.ReplaceAll(s.Folder, "/", "-")
}

// sourceFiles are the names of servers' own files.
var sourceFiles = map[Language]string{Go: "main.go", Python: "server.py", C: "server.c"}

// Source is the server's own source file in the language, relative to the repository's root, with slashes.
func (s Server) Source(l Language) string { return s.Dir() + "/" + sourceFiles[l] }

// Has tells whether the server is written in the language.
func (s Server) Has(l Language) bool {
	return slices.Contains(s.Languages, l)
}

// RunsOn tells whether the server in the language runs on a system, which has Go's name: "linux", "darwin".
func (s Server) RunsOn(goos string, l Language) bool {
	return goos == "linux" || !slices.Contains(s.OnLinux, l)
}

// Variant is a server in one language: what one runs.
type Variant struct {
	Server   Server
	Language Language
}

// String is the variant's name on the command line: "select" for Go, "select/python" otherwise.
func (v Variant) String() string {
	if v.Language == Go {
		return v.Server.ID
	}
	return v.Server.ID + "/" + string(v.Language)
}

// Find looks up a variant by the name that String gives; "select/go" is the same as "select".
func Find(name string) (Variant, error) {
	id, language, named := strings.Cut(name, "/")
	if !named {
		language = string(Go)
	}
	for _, s := range Servers() {
		if s.ID != id {
			continue
		}
		if !s.Has(Language(language)) {
			has := strings.Trim(fmt.Sprint(s.Languages), "[]")
			return Variant{}, fmt.Errorf("server %q has no %q version; it has: %s", id, language, strings.ReplaceAll(has, " ", ", "))
		}
		return Variant{s, Language(language)}, nil
	}
	return Variant{}, fmt.Errorf("no server %q; there are: %s", id, strings.Join(ids(), ", "))
}

func ids() []string {
	var all []string
	for _, s := range Servers() {
		all = append(all, s.ID)
	}
	return all
}
