package site

import (
	"strings"
	"testing"
)

// coloured returns a text with its classes in it: "k⟨def ⟩f⟨f⟩". Space belongs to the token before it.
func coloured(language, text string) string {
	var b strings.Builder
	for i, line := range highlight(language, text) {
		if i > 0 {
			b.WriteByte('\n')
		}
		for _, t := range line {
			if t.class == "" {
				b.WriteString(t.text)
				continue
			}
			b.WriteString(t.class + "⟨" + t.text + "⟩")
		}
	}
	return b.String()
}

func TestColours(t *testing.T) {
	for _, c := range []struct{ language, text, want string }{
		{"go", "//go:build linux\n\npackage a // b\n", "p⟨//go:build linux⟩\n\nk⟨package⟩ a c⟨// b⟩"},
		{"go", "func f(n int) []byte { return make(x, 0x1F) }", "k⟨func ⟩f⟨f⟩(n t⟨int⟩) []t⟨byte⟩ { k⟨return ⟩b⟨make⟩(x, m⟨0x1F⟩) }"},
		{"go", "len := x.Len() /* a\nb */ + '\\''", "len := x.f⟨Len⟩() c⟨/* a⟩\nc⟨b */⟩ + s⟨'\\''⟩"},
		{"go", "`a\\`+\"b\\\"`\"", "s⟨`a\\`⟩+s⟨\"b\\\"`\"⟩"},
		{"python", "@a.b\nclass C:\n    def f(self): # c", "p⟨@a.b⟩\nk⟨class ⟩t⟨C⟩:\n    k⟨def ⟩f⟨f⟩(b⟨self⟩): c⟨# c⟩"},
		{"python", "a @ b.set(set(r'\\', rb\"x\"))", "a @ b.set(b⟨set⟩(s⟨r'\\', rb\"x\"))⟩"},
		{"python", "\"\"\"a\n\"b\"\"\" if x else f\"{x}\"", "s⟨\"\"\"a⟩\ns⟨\"b\"\"\" ⟩k⟨if⟩ x k⟨else ⟩s⟨f\"{x}\"⟩"},
		{"c", "#define A \\\n  1 // b\nsize_t n = sizeof(x), f(3.5e3);", "p⟨#define A \\⟩\np⟨  1 ⟩c⟨// b⟩\nt⟨size_t⟩ n = k⟨sizeof⟩(x), f⟨f⟩(m⟨3.5e3⟩);"},
		{"sh", "cd \"$x\" && for i in 1; do echo 'a\\'; done # b", "b⟨cd ⟩s⟨\"$x\"⟩ && k⟨for⟩ i k⟨in⟩ 1; k⟨do ⟩b⟨echo ⟩s⟨'a\\'⟩; k⟨done ⟩c⟨# b⟩"},
		{"sh", "serve -set wait=50 http://h:80/#set | set 8080", "serve -set wait=50 http://h:80/#set | b⟨set⟩ 8080"},
		{"go", "\"open\nx := '", "s⟨\"open⟩\nx := s⟨'⟩"},
		{"c", "/*/ a */ b", "c⟨/*/ a */⟩ b"},
		{"text", "func 1", "func 1"},
	} {
		if got := coloured(c.language, c.text); got != c.want {
			t.Errorf("%s %q:\n%s\nwant\n%s", c.language, c.text, got, c.want)
		}
	}
}

// FuzzColours: colouring never changes the text.
func FuzzColours(f *testing.F) {
	for _, text := range []string{"a \"b\\", "/*", "'''", "//go:", "@", "0.", "\xff\n\n x", "r'\\"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for language := range grammars {
			var b strings.Builder
			for i, line := range highlight(language, text) {
				if i > 0 {
					b.WriteByte('\n')
				}
				for _, t := range line {
					b.WriteString(t.text)
				}
			}
			if b.String() != strings.TrimRight(text, "\n") {
				t.Errorf("%s: %q is shown as %q", language, text, b.String())
			}
		}
	})
}
