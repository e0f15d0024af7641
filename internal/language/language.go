// Package language names the languages in which the book's servers are written.
package language

// Language is one of them.
type Language string

// The languages.
const (
	Go     Language = "go"
	Python Language = "python"
	C      Language = "c"
)

// All are the languages in the order of tabs.
var All = []Language{Go, Python, C}

// Title is the language as people write it.
func (l Language) Title() string {
	return map[Language]string{Go: "Go", Python: "Python", C: "C"}[l]
}

// Names are the names of all languages, as chapters write them.
func Names() []string {
	var names []string
	for _, l := range All {
		names = append(names, string(l))
	}
	return names
}
