package process

import (
	"os"
	"testing"
)

// A program that divides its cgroup leaves none of the parts behind.
func TestDividedGroup(t *testing.T) {
	needGroup(t)
	p := begin(t, "divided")
	g := groupOf(p.child.run)
	if _, err := os.Stat(string(g) + "/inner/most"); err != nil {
		t.Fatalf("the program did not divide its cgroup: %v", err)
	}
	p.Stop()
	gone(t, pids(p.Output(), 1)...)
	if _, err := os.Stat(string(g)); err == nil {
		t.Errorf("left: the cgroup %s", g)
	}
}

// TestFindGroup: our own cgroup of version 2 is found however the system has mounted it.
func TestFindGroup(t *testing.T) {
	const (
		only   = "24 1 0:22 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n"
		both   = "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
		within = "24 1 0:22 /docker/a /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n"
	)
	for _, x := range []struct{ cgroups, mounts, want string }{
		{"0::/user.slice/a.scope\n", only, "/sys/fs/cgroup/user.slice/a.scope"},
		{"8:pids:/\n0::/\n", both, "/sys/fs/cgroup/unified"},
		{"0::/docker/a/b\n", within, "/sys/fs/cgroup/b"},
		{"0::/docker/other\n", within, ""},
		{"0::/../other\n", only, ""},
		{"8:pids:/\n", both, ""},
		{"0::/a\n", "", ""},
	} {
		if got := findGroup(x.cgroups, x.mounts); got != x.want {
			t.Errorf("%q in %q: %q, want %q", x.cgroups, x.mounts, got, x.want)
		}
	}
}
