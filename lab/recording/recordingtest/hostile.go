// Package recordingtest makes recordings that could be sent in to harm their readers.
package recordingtest

import (
	"cmp"
	"fmt"
	"iter"
	"reflect"
	"strings"

	"era/lab/recording"
)

// Text are texts that try to act as something else, in a page, a script or a picture. They are harmless as text.
var Text = []string{
	`"><script>document.title='pwned'</script>`, `</script><script>document.title='pwned'</script>`,
	`x)"/></svg><img src="x" onerror="document.title='pwned'">`,
	`' onfocus=document.title='pwned' autofocus='`, `javascript:document.title='pwned'`,
	`<iframe srcdoc="<script>parent.document.title='pwned'</script>">`,
	`<style>*{display:none}</style><!--`, `{{constructor.constructor("document.title='pwned'")()}}`, `../../../etc/passwd`,
	"\u2028\u2029',\\\",]}/*", `__proto__`, `]]>&#60;script>`,
}

// Acting are texts that act on a terminal or a page as they are, or are not valid text at all.
var Acting = []string{
	"\x1b]0;pwned\a\x1b]52;c;cHduZWQ=\a", "\x1b[2J\x1b[31m", "\u009b31m\u009d0;pwned\u009c", "user\u202egnp.exe\u2066",
	"a\x00b", "a\rb\bc\x7f", strings.Repeat("long ", 20<<10),
	"cut \xff\xfe\xc3",
}

// All returns all of them; those that are harmless as text are joined into one.
func All() []string { return append(Acting[:len(Acting):len(Acting)], strings.Join(Text, " ")) }

// New makes a recording that has something in every field.
func New() *recording.Recording {
	group := recording.Group{Requests: recording.Requests{Sent: 2, Answered: 1, Failed: 1},
		Latency: recording.Latency{P50: 1, P90: 1, P99: 1, Max: 1}, FirstByte: &recording.Latency{P50: 1}}
	r := &recording.Recording{
		Result: recording.Result{Scenario: "one-slow", Settings: map[string]string{"clients": "20"}, Seed: 1,
			Traffic: "0123456789abcdef", Load: &recording.Load{Processors: 2, Ours: 0.5, Others: 1.4}},
		Length: 2e9, Made: "2026-11-22", Machine: "Linux 6.18", Sources: map[string]string{"runnable/select/main.go": "0123"},
	}
	for _, id := range []string{"blocking", "select"} {
		r.Result.Servers = append(r.Result.Servers, recording.Server{
			ID: id, Language: "go", Group: group, PerGroup: map[string]recording.Group{"fast": group},
			Syscalls: map[string]int64{"read": 1},
			Traced:   recording.Traced{How: "in process", Why: "not looked at"}, Exit: "exit status 1",
			Told: &recording.Told{AtMS: 1}, Events: recording.Events{Dropped: 1},
			Observed: &recording.Observed{
				Groups: map[string]recording.ObservedGroup{"fast": {Clients: 2, Reasons: map[string]int{"gave up waiting": 1}}},
				Doubt:  "it has a read at a time when there was no server", HangUps: map[string]int{"EPIPE": 1},
				Stuck: &recording.Stuck{Call: "read", FD: 7, TookMS: 900,
					Site: &recording.Site{File: "runnable/select/main.go", Line: 1}},
				Held: &recording.Held{Processes: 1, Clients: map[string]int{"slow": 1}},
			},
		})
		track := recording.Track{Sites: []recording.Site{{File: "runnable/select/main.go", Line: 1}}, Told: 1e9}
		for i, kind := range []string{"thread", "coroutine", "task", "connection"} {
			track.Lanes = append(track.Lanes, recording.Lane{ID: i, Kind: kind, Name: kind + " 1", Group: "fast"})
			track.Marks = append(track.Marks,
				recording.Mark{Lane: i, At: 1e8, Took: 1e8, State: recording.Running, FD: -1, Count: 1, Site: -1},
				recording.Mark{Lane: i, At: 3e8, Took: 1e8, State: recording.Blocked, Call: "read", FD: 3, Errno: "ETIMEDOUT",
					Count: 1, Task: 3},
				recording.Mark{Lane: i, At: 5e8, State: recording.Failed, FD: -1, Errno: "it gave up", Count: 1, Site: -1})
		}
		r.Tracks = append(r.Tracks, track)
	}
	return r
}

// Hostile makes recordings with each of the texts in every field in turn, keys of maps included, and then in all fields
// at once. It names the fields as JSON does. The second server is like the first, and a text that is only long takes
// time: these occur only in the last recording.
func Hostile(texts []string) iter.Seq2[string, *recording.Recording] {
	return func(yield func(string, *recording.Recording) bool) {
		for _, text := range texts {
			all := New()
			for i, f := range fields("", reflect.ValueOf(all).Elem()) {
				if len(text) > 64<<10 || strings.Contains(f.name, "servers[1]") || strings.Contains(f.name, "tracks[1]") {
					f.set(text)
					continue
				}
				r := New()
				fields("", reflect.ValueOf(r).Elem())[i].set(text)
				if !yield(fmt.Sprintf("%s = %.60q", f.name, text), r) {
					return
				}
				f.set(text)
			}
			if !yield(fmt.Sprintf("all fields = %.60q", text), all) {
				return
			}
		}
	}
}

// field is a text in a recording.
type field struct {
	name string
	set  func(string)
}

// fields returns all texts; those of a value come before the key under which it stands.
func fields(name string, v reflect.Value) (all []field) {
	switch v.Kind() {
	case reflect.String:
		return []field{{name, v.SetString}}
	case reflect.Pointer:
		return fields(name, v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			all = append(all, fields(fmt.Sprintf("%s[%d]", name, i), v.Index(i))...)
		}
	case reflect.Map:
		for key, value := range v.Seq2() {
			if value.Kind() == reflect.String {
				all = append(all, field{name + "." + key.String(), func(s string) { v.SetMapIndex(key, reflect.ValueOf(s)) }})
			}
			all = append(all, field{name + ", a key", func(s string) {
				value := v.MapIndex(key)
				v.SetMapIndex(key, reflect.Value{})
				v.SetMapIndex(reflect.ValueOf(s), value)
			}})
		}
	case reflect.Struct:
		for i := range v.NumField() {
			below := name
			if f := v.Type().Field(i); !f.Anonymous {
				tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				below = strings.TrimPrefix(name+"."+cmp.Or(tag, strings.ToLower(f.Name)), ".")
			}
			all = append(all, fields(below, v.Field(i))...)
		}
	}
	return all
}
