package browser

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// axe-core is the accessibility checker that others would run on these pages. It is not part of this repository: npm
// brings it into the cache folder, once, and it must be the file that we have tried.
const (
	axeVersion = "4.14.1"
	axeSum     = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
)

var allAxe = flag.Bool("axe", false, "let axe-core look at every page in all its states")

// axeCore returns axe's source, or why it cannot be had.
var axeCore = sync.OnceValues(func() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(cache, "era-tests", "axe-core-"+axeVersion)
	path := filepath.Join(folder, "node_modules", "axe-core", "axe.min.js")
	code, err := os.ReadFile(path)
	if err != nil {
		npm := exec.Command("npm", "install", "--prefix", folder, "--no-save", "--no-package-lock", "--ignore-scripts",
			"--no-audit", "--no-fund", "axe-core@"+axeVersion)
		if said, err := npm.CombinedOutput(); err != nil {
			return "", fmt.Errorf("npm install axe-core: %w\n%s", err, said)
		}
		if code, err = os.ReadFile(path); err != nil {
			return "", err
		}
	}
	if sum := sha256.Sum256(code); hex.EncodeToString(sum[:]) != axeSum {
		return "", fmt.Errorf("%s is not axe-core %s as it was tried: its SHA-256 is %x", path, axeVersion, sum)
	}
	return string(code), nil
})

// axe finds what axe-core finds: of colours only, as the theme changes nothing else, or of everything.
func (b *tab) axe(where string, coloursOnly bool) {
	b.t.Helper()
	code, err := axeCore()
	if err != nil {
		return // TestAxeIsThere says so
	}
	if !js[bool](b, `'axe' in globalThis`) {
		js[bool](b, code+"\n;true")
	}
	only := ""
	if coloursOnly {
		only = `runOnly: ['color-contrast'],`
	}
	for _, wrong := range js[[]string](b, `axe.run(document, {`+only+` resultTypes: ['violations']}).then(found =>
		found.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + n.target.join(' ') + ': ' + n.failureSummary)))`) {
		b.t.Errorf("%s: axe: %s", where, wrong)
	}
}

// TestAxeIsThere fails, or is skipped where a newcomer runs it, when pages were looked at without axe.
func TestAxeIsThere(t *testing.T) {
	_, err := axeCore()
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatal(err)
	default:
		t.Skip("SKIPPED: no axe-core, so only our own audit looks at the pages: ", err)
	}
}
