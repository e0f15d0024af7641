// Package catalogue is what the lab and the site must know about the book's servers. The servers themselves are
// programs below runnable; each folder there has an entry that describes its content.
package catalogue

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"era/internal/language"
)

// Language is a language in which servers are written.
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
	Echo      Protocol = "echo"      // TCP: lines come back unchanged
	Datagrams Protocol = "datagrams" // UDP: each datagram comes back to its sender
	Mail      Protocol = "mail"      // SMTP
	WebSocket Protocol = "websocket" // of a chat room, /chat on a server that speaks HTTP
)

// Server is one generation of the same server, or another program of the book that the lab can start.
type Server struct {
	ID     string // its name everywhere
	Folder string // of the program, below runnable
	// Args come first on the program's command line: one program may be several servers.
	Args    []string
	Speaks  Protocol
	Chats   bool   // it also has a room: all members hear what one sends to /chat by WebSocket
	Tasks   bool   // it serves clients by coroutines or tasks, which only the trace of a Go program shows
	Mistake string // what it does wrong on purpose, in a few words; "" for nothing
	Cure    string // the ID of the server whose mistake it avoids; it makes sense only beside that one
	// Bridged is a server whose application is written for another contract: its answers are right, but not everything
	// that it means gets through.
	Bridged   bool
	Title     string
	Year      int    // when servers of this kind appeared
	Chapter   string // the chapter of the book that explains it
	Summary   string // how it works, in one sentence
	Languages []Language
	// Pages are what it answers of the paths that clients ask for, as their beginnings: "/stream", "/rows?n".
	Pages []string
	// In is what a third-party program is written in, where that is not one of the book's languages.
	In string
	// OnLinux are the languages in which it makes calls that only Linux has.
	OnLinux []Language
	// Untraced says why its calls cannot be traced; "" if they can.
	Untraced string
	// Needs are third-party; none if its language's own library is enough.
	Needs []Need
	entry string // where its entry stands: "runnable/select/server.yaml:1"
}

// DoesTheJob reports whether it is one of the generations of the book's one job, right in every respect. Third-party
// servers are exempt, and so are bridged ones.
func (s Server) DoesTheJob() bool {
	return s.Speaks == HTTP && s.Mistake == "" && s.Cure == "" && !s.Bridged && len(s.Needs) == 0
}

// Understands reports whether clients of the protocol can be its clients.
func (s Server) Understands(p Protocol) bool {
	return s.Speaks == p || p == WebSocket && s.Chats
}

// Answers reports whether it answers requests for the target: "/ask?delay=50".
func (s Server) Answers(target string) bool {
	return slices.ContainsFunc(s.Pages, func(page string) bool {
		rest, has := strings.CutPrefix(target, page)
		return has && (rest == "" || rest[0] == '?' || rest[0] == '=')
	})
}

// Others reports whether it is a program that others wrote, or stands on one.
func (s Server) Others() bool { return len(s.Needs) > 0 }

// Dir returns the program's folder, relative to the repository's root, with slashes.
func (s Server) Dir() string { return "runnable/" + s.Folder }

// Program returns a name for the program that the folder is built to: no two folders have the same.
func (s Server) Program() string {
	return strings.ReplaceAll(s.Folder, "/", "-")
}

// sourceFiles are the names of servers' own files.
var sourceFiles = map[Language]string{Go: "main.go", Python: "server.py", C: "server.c"}

// Source returns the server's own source file in the language, relative to the repository's root, with slashes.
func (s Server) Source(l Language) string { return s.Dir() + "/" + sourceFiles[l] }

// Has reports whether the server is written in the language.
func (s Server) Has(l Language) bool {
	return slices.Contains(s.Languages, l)
}

// RunsOn reports whether the server in the language runs on a system, which has Go's name: "linux", "darwin".
func (s Server) RunsOn(goos string, l Language) bool {
	return goos == "linux" || !slices.Contains(s.OnLinux, l)
}

// Variant is a server in one language.
type Variant struct {
	Server   Server
	Language Language
}

// Title returns the variant's name for people: "Thread per connection · Go", "Node.js · JavaScript".
func (v Variant) Title() string {
	return v.Server.Title + " · " + cmp.Or(v.Server.In, v.Language.Title())
}

// Title returns the name for people of a server in a language, which a recording may name and the catalogue no longer
// know.
func Title(id, language string) string {
	v, err := Find(id + "/" + language)
	if err != nil {
		return id + " · " + cmp.Or(Language(language).Title(), language)
	}
	return v.Title()
}

// Name returns the same within a sentence: "Thread per connection", "select in Python". Most servers are written in Go,
// which it does not say.
func Name(id, language string) string {
	name, in, _ := strings.Cut(Title(id, language), " · ")
	if in == Go.Title() {
		return name
	}
	return name + " in " + in
}

// String returns the variant's name on the command line: "select" for Go, "select/python" otherwise.
func (v Variant) String() string {
	if v.Language == Go {
		return v.Server.ID
	}
	return v.Server.ID + "/" + string(v.Language)
}

// Find looks up a variant by the name that String returns; "select/go" is the same as "select".
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
			return Variant{}, fmt.Errorf("server %q has no %q version; it has: %s", id, language,
				strings.ReplaceAll(has, " ", ", "))
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
