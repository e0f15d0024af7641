package servertest

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"era/catalogue"
	"era/catalogue/installed"
)

// Skip skips the test, loudly. Under CI=true it fails.
func Skip(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s, and CI=true", why)
	}
	t.Skipf("SKIPPED: %s", why)
}

// Need returns the path of a tool. Without it, the test is skipped.
func Need(t testing.TB, tool string) string {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err != nil {
		Skip(t, tool+" is missing")
	}
	return path
}

// NeedPython returns the path of python3. Without one that can run the program, "import asyncio; asyncio.TaskGroup",
// the test is skipped.
func NeedPython(t testing.TB, program string) string {
	t.Helper()
	path := Need(t, "python3")
	if err := exec.Command(path, "-c", program).Run(); err != nil {
		Skip(t, "this python3 is too old for: "+program)
	}
	return path
}

// Missing skips a test whose server is not installed. Under CI=true that is a failure if it is wanted there.
func Missing(t testing.TB, wanted bool, what string) {
	t.Helper()
	if wanted {
		Skip(t, what+" is not installed")
	}
	t.Skipf("SKIPPED: %s is not installed", what)
}

// Finder looks for the Pythons of this machine, and for third-party software.
var Finder installed.Finder

// Python finds a Python that has the modules, and their versions: "h11 0.13.0, wsproto 1.0.0". where is "" if there is
// none.
func Python(modules ...string) (where, version string) {
	var needs []catalogue.Need
	for _, m := range modules {
		needs = append(needs, catalogue.Need{Module: m})
	}
	found, err := Finder.Python(needs)
	if err != nil {
		return "", ""
	}
	return found.Path, strings.Join(found.Modules, ", ")
}
