package cli

import (
	"cmp"
	"context"
	"flag"
	"io"
	"strconv"
	"strings"

	"era/catalogue"
	"era/lab"
)

// listed is a server as the catalogue prints it.
type listed struct {
	ID      string             `json:"id"`
	Title   string             `json:"title"`
	Year    int                `json:"year"`
	Chapter string             `json:"chapter"`
	Folder  string             `json:"folder"` // from the root of the repository
	Summary string             `json:"summary"`
	Speaks  catalogue.Protocol `json:"speaks,omitempty"` // "" is HTTP, the book's main job
	// Members of a chat room can be its clients as well.
	Chats   bool   `json:"chats,omitempty"`
	Mistake string `json:"mistake,omitempty"` // what it does wrong on purpose
	Cure    string `json:"cure,omitempty"`    // the server whose mistake it does not make
	// Third-party software that must be installed for it.
	Needs     []string                                 `json:"needs,omitempty"`
	Languages []catalogue.Language                     `json:"languages"`
	Available map[catalogue.Language]availableLanguage `json:"available"`
}

// availableLanguage is whether a server can run here in a language.
type availableLanguage struct {
	OK  bool   `json:"ok"`
	Why string `json:"why,omitempty"` // why not
}

// Servers prints the catalogue.
func Servers(_ context.Context, l *lab.Lab, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("serve servers", flag.ContinueOnError)
	flags.SetOutput(stderr)
	asJSON := flags.Bool("json", false, "print the catalogue as JSON")
	if status, done := Parse(flags, args); done {
		return status
	}
	servers := list(l)
	if *asJSON {
		return Report(stderr, printJSON(stdout, servers))
	}
	rows := [][]string{{"server", "year", "chapter", "languages", "folder", "how it works"}}
	why := map[catalogue.Language]string{}
	var absent []string
	for _, s := range servers {
		var languages []string
		for _, language := range s.Languages {
			a := s.Available[language]
			text := string(language)
			switch {
			case a.OK:
			case len(s.Needs) > 0:
				text, absent = "("+text+")", append(absent, s.ID)
			default:
				text, why[language] = "("+text+")", cmp.Or(why[language], a.Why)
			}
			languages = append(languages, text)
		}
		rows = append(rows, []string{s.ID, strconv.Itoa(s.Year), s.Chapter, strings.Join(languages, " "), s.Folder,
			s.Summary})
	}
	err := columns(stdout, rows, "lrllll")
	for _, language := range []catalogue.Language{catalogue.Go, catalogue.Python, catalogue.C} {
		if why[language] != "" {
			wrap(stdout, "("+string(language)+") cannot be run here: "+why[language], "", width(stdout))
		}
	}
	if len(absent) > 0 {
		wrap(stdout, "These need software that is not installed; serve doctor says how to "+
			"get it: "+strings.Join(absent, ", "), "", width(stdout))
	}
	return Report(stderr, err)
}

func list(l *lab.Lab) []listed {
	var all []listed
	for _, s := range catalogue.Servers() {
		entry := listed{s.ID, s.Title, s.Year, s.Chapter, s.Dir(), s.Summary, s.Speaks, s.Chats, s.Mistake, s.Cure, nil,
			s.Languages, map[catalogue.Language]availableLanguage{}}
		for _, n := range s.Needs {
			entry.Needs = append(entry.Needs, n.Module+n.Program) // one of the two is empty
		}
		for _, language := range s.Languages {
			a := availableLanguage{OK: true}
			if err := l.Builder.Available(catalogue.Variant{Server: s, Language: language}); err != nil {
				a = availableLanguage{Why: err.Error()}
			}
			entry.Available[language] = a
		}
		all = append(all, entry)
	}
	return all
}
