package browser

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// fromNPM returns where a file of an npm package lies. It is not part of this repository: npm brings it into the cache
// folder, once, and it must be the file that we have tried.
func fromNPM(name, version, file, sum string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(cache, "era-tests", name+"-"+version)
	path := filepath.Join(folder, "node_modules", name, file)
	data, err := os.ReadFile(path)
	if err != nil {
		npm := exec.Command("npm", "install", "--prefix", folder, "--no-save", "--no-package-lock", "--ignore-scripts",
			"--no-audit", "--no-fund", name+"@"+version)
		if said, err := npm.CombinedOutput(); err != nil {
			return "", fmt.Errorf("npm install %s: %w\n%s", name, err, said)
		}
		if data, err = os.ReadFile(path); err != nil {
			return "", err
		}
	}
	if got := sha256.Sum256(data); hex.EncodeToString(got[:]) != sum {
		return "", fmt.Errorf("%s is not that of %s %s as it was tried: its SHA-256 is %x", path, name, version, got)
	}
	return path, nil
}
