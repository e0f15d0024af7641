//go:build !linux && !darwin

package process

import (
	"os"
	"os/exec"
	"time"
)

func supervise() int { return 1 }

func supervisorCommand() (*exec.Cmd, error) { return nil, errUnsupported }

func sweep(string) {}

func startOf(int) string { return "" }

// Scratch is for files of servers, which are not run here.
func Scratch() (dir string, remove func(), err error) { return "", nil, errUnsupported }

func sample(int) (threads int, rssKB int64, cpu time.Duration) { return 0, 0, 0 }

func descriptorLimit() (soft, hard uint64, err error) { return 0, 0, errUnsupported }

type keeper struct{}

var ours keeper

func (keeper) hold(string) (*os.File, error) { return nil, errUnsupported }

const keepEnv = "ERA_KEEP"

func keep(string) int { return 1 }

func resume(*os.Process) {}

func haveGroup() bool { return false }
