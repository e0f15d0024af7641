package process

import "os"

// superviseEnv marks a process that must become a supervisor.
const superviseEnv = "ERA_SUPERVISE"

// runEnv holds the secret name of the run in the environment of a program and of all that it starts.
const runEnv = "ERA_RUN"

// MaybeSupervise turns this process into a supervisor, or a keeper, if it was started as one, and then never returns.
// Every program that uses this package calls it first in main, a test binary in TestMain.
func MaybeSupervise() {
	if dir := os.Getenv(keepEnv); dir != "" {
		os.Exit(keep(dir))
	}
	if os.Getenv(superviseEnv) == "" {
		return
	}
	os.Exit(supervise())
}

// Sweep kills what earlier labs left behind when their supervisors were killed as well. Call it once at the start.
func Sweep() error {
	dir, err := runDir()
	if err != nil {
		return err
	}
	sweep(dir)
	return nil
}
