package site

import (
	"io/fs"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// palettes reads the colours of the light and the dark theme from the style sheet.
func palettes(t *testing.T) map[string]map[string]string {
	t.Helper()
	css, err := fs.ReadFile(root, "web/page/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark := map[string]string{}, map[string]string{}
	for _, m := range regexp.MustCompile(`--([\w-]+): light-dark\((#[0-9a-f]+), (#[0-9a-f]+)\);`).FindAllStringSubmatch(string(css), -1) {
		light[m[1]], dark[m[1]] = m[2], m[3]
	}
	return map[string]map[string]string{"light": light, "dark": dark}
}

// luminance is defined by WCAG 2.
func luminance(hex string) float64 {
	hex = strings.TrimPrefix(hex, "#")
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	l := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, _ := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		l += weight * c
	}
	return l
}

func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestContrast(t *testing.T) {
	text := []string{"ink", "quiet", "accent", "code-k", "code-s", "code-c", "code-m", "code-f", "code-t", "code-p"}
	for theme, c := range palettes(t) {
		for _, name := range append(text, "right", "wrong") {
			if c[name] == "" {
				t.Fatalf("%s: no --%s", theme, name)
			}
			for _, ground := range []string{"paper", "raised", "lit", "tint-1", "tint-2", "tint-3"} {
				if r := contrast(c[name], c[ground]); r < 4.5 &&
					!(ground != "paper" && ground != "raised" && (name == "right" || name == "wrong")) {
					t.Errorf("%s: --%s on --%s has a contrast of %.2f, want 4.5", theme, name, ground, r)
				}
			}
		}
		for _, mark := range []string{"mark-1", "mark-2", "mark-3"} { // numbers in the colour of the paper stand on them
			if r := contrast(c["paper"], c[mark]); r < 4.5 {
				t.Errorf("%s: --paper on --%s has a contrast of %.2f, want 4.5", theme, mark, r)
			}
		}
		if r := contrast(c["edge"], c["paper"]); r < 3 {
			t.Errorf("%s: --edge on --paper has a contrast of %.2f, want 3 for graphics", theme, r)
		}
	}
}
