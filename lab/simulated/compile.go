package simulated

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"era/lab/simulated/build"
)

// Change is another text for one in a file of the repository.
type Change = build.Change

// Build compiles the server in a folder of the repository (runnable/select), and returns its WebAssembly module. Tests
// change the program.
func Build(ctx context.Context, root, folder string, changes ...Change) ([]byte, error) {
	scratch, err := os.MkdirTemp("", "era-simulated-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	output := filepath.Join(scratch, "server.wasm")
	argv, err := build.Command(root, scratch, folder, output, changes...)
	if err != nil {
		return nil, fmt.Errorf("build %s for the simulated kernel: %w", folder, err)
	}
	command := exec.CommandContext(ctx, argv[0], argv[1:]...)
	command.Dir, command.Env = root, append(os.Environ(), build.Environment...)
	if said, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build %s for the simulated kernel: %w\n%s", folder, err, said)
	}
	module, err := os.ReadFile(output)
	if err != nil {
		return nil, err
	}
	build.Strip(module)
	return module, nil
}
