//go:build linux

package process

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"era/catalogue"
)

// The test binary plays every part in these tests: the supervisor, the lab that is killed, and the servers.
func TestMain(m *testing.M) {
	MaybeSupervise()
	if len(os.Args) > 1 {
		if helper := helpers[os.Args[1]]; helper != nil {
			helper()
			os.Exit(0)
		}
	}
	cache, err := os.MkdirTemp("", "era-process-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	// Otherwise the standard library is compiled again.
	if compiled, err := exec.Command("go", "env", "GOCACHE").Output(); err == nil {
		os.Setenv("GOCACHE", strings.TrimSpace(string(compiled)))
	}
	os.Setenv("XDG_CACHE_HOME", cache)
	code := m.Run()
	os.RemoveAll(cache)
	os.Exit(code)
}

// burned is the processor time that the helper "burn" uses.
const burned = 200 * time.Millisecond

var helpers map[string]func()

func init() {
	helpers = map[string]func(){
		"listen": func() { listen("127.0.0.1:0"); sleep() },
		"public": func() { listen("0.0.0.0:0"); sleep() },
		"liar": func() {
			public, err := net.Listen("tcp4", "0.0.0.0:0")
			if err != nil {
				panic(err)
			}
			fmt.Printf("listening on 127.0.0.1:%d\n", public.Addr().(*net.TCPAddr).Port)
			sleep()
		},
		"thief":    func() { fmt.Println("listening on " + os.Args[2]); sleep() },
		"silent":   sleep,
		"panic":    func() { panic("boom") },
		"answer":   func() { listen("127.0.0.1:0"); awaitClient(); fmt.Fprintln(os.Stderr, "last words"); os.Exit(3) },
		"polite":   polite,
		"takesOne": func() { listen("127.0.0.1:0"); c, _ := listener.Accept(); sleep(); c.Close() },
		"ignoring": func() { signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP); sleep() },
		"stubborn": func() { signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP); listen("127.0.0.1:0"); sleep() },
		"orphans":  func() { offspring(); listen("127.0.0.1:0"); sleep() },
		"leaver":   func() { offspring(); listen("127.0.0.1:0"); awaitClient() },
		"forks": func() {
			listen("127.0.0.1:0")
			for range 100 {
				beget("silent", &syscall.SysProcAttr{Setsid: true})
			}
			sleep()
		},
		"daemons": func() {
			listen("127.0.0.1:0")
			for range 80 { // each is the child of a parent that ends
				if err := beget("daemon", nil).Wait(); err != nil {
					panic(err)
				}
			}
			sleep()
		},
		"daemon": func() { beget("silent", &syscall.SysProcAttr{Setsid: true}) },
		"hidden": func() {
			listen("127.0.0.1:0")
			cmd := exec.Command("/proc/self/exe", "silent")
			cmd.Env, cmd.SysProcAttr = []string{"A=b"}, &syscall.SysProcAttr{Setsid: true}
			if err := cmd.Start(); err != nil {
				panic(err)
			}
			fmt.Println("hidden", cmd.Process.Pid)
			awaitClient()
			syscall.Kill(os.Getppid(), syscall.SIGKILL)
		},
		"divided": func() {
			divide()
			beget("ignoring", &syscall.SysProcAttr{Setsid: true})
			listen("127.0.0.1:0")
			sleep()
		},
		"stray": func() { // its child drops everything that could show which run it belongs to
			cmd := exec.Command("/proc/self/exe", "silent")
			cmd.Env, cmd.SysProcAttr = []string{"A=b"}, &syscall.SysProcAttr{Setsid: true}
			if err := cmd.Start(); err != nil {
				panic(err)
			}
			if g := ownGroup(); g != "" { // without a cgroup there is none to leave
				_ = os.WriteFile(filepath.Join(filepath.Dir(g), "cgroup.procs"), []byte(strconv.Itoa(cmd.Process.Pid)), 0)
			}
			fmt.Println("child", cmd.Process.Pid)
			listen("127.0.0.1:0")
			awaitClient()
			syscall.Kill(os.Getppid(), syscall.SIGKILL)
		},
		"bomb": func() { bomb(os.Args[2], os.Args[3]) },
		"hog": func() {
			listen("127.0.0.1:0")
			memory := make([]byte, 200<<20)
			for i := range memory {
				memory[i] = 1
			}
			sleep()
		},
		"flood": func() {
			listen("127.0.0.1:0")
			line := strings.Repeat("y\n", 4096)
			for range 500 {
				fmt.Print(line)
			}
			fmt.Fprintln(os.Stderr, "the end of the flood")
			awaitClient()
			os.Exit(1)
		},
		"crew": func() { listen("127.0.0.1:0"); beget("burn", nil); sleep() },
		"burn": func() {
			var used syscall.Rusage
			for used.Utime.Nano() < burned.Nanoseconds() {
				syscall.Getrusage(syscall.RUSAGE_SELF, &used) // cannot fail for the calling process
			}
			fmt.Println("burned")
			sleep()
		},
		"lab":   labHelper,
		"child": sleep,
	}
}

func sleep() { time.Sleep(10 * time.Minute) }

var listener net.Listener

func listen(addr string) {
	var err error
	if listener, err = net.Listen("tcp4", addr); err != nil {
		panic(err)
	}
	fmt.Printf("listening on %s\n", listener.Addr())
}

func awaitClient() {
	if c, err := listener.Accept(); err == nil {
		c.Close()
	}
}

// polite ends on SIGTERM, while its child is still running.
func polite() {
	signalled := make(chan os.Signal, 1)
	signal.Notify(signalled, syscall.SIGTERM)
	listen("127.0.0.1:0")
	beget("ignoring", nil)
	<-signalled
	fmt.Fprintln(os.Stderr, "good night")
	os.Exit(4)
}

func beget(name string, attr *syscall.SysProcAttr) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", name)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr // they keep the pipes open
	cmd.SysProcAttr = attr
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	fmt.Printf("child %d\n", cmd.Process.Pid)
	return cmd
}

// divide moves this process to a cgroup two levels below its own.
func divide() {
	inner := filepath.Join(ownGroup(), "inner", "most")
	own := strconv.Itoa(os.Getpid())
	if err := errors.Join(os.MkdirAll(inner, 0o700),
		os.WriteFile(filepath.Join(inner, "cgroup.procs"), []byte(own), 0)); err != nil {
		panic(err)
	}
}

// offspring starts children in its process group, in one of their own, and in a session of their own.
func offspring() {
	beget("child", nil)
	beget("ignoring", nil)
	beget("ignoring", &syscall.SysProcAttr{Setpgid: true})
	beget("ignoring", &syscall.SysProcAttr{Setsid: true})
}

// labHelper plays the lab that is killed: its second argument is the phase in which it waits.
func labHelper() {
	phase := os.Args[2]
	ctx := contextForever
	switch phase {
	case "build":
		go run(ctx, ".", 0, []string{"sleep", "600"}, nil, nil)
	case "probe":
		go NewBuilder(".", "").others.Python(nil)
	case "starting":
		go Start(ctx, program("silent"), Options{Ready: time.Minute})
	default:
		what := program(phase)
		for _, s := range catalogue.Servers() {
			if s.ID == phase {
				var err error
				if what, err = NewBuilder("../..", os.Getenv("ERA_TEST_BUILDS")).Build(ctx, variantOf(s)); err != nil {
					panic(err)
				}
			}
		}
		p, err := Start(ctx, what, Options{})
		if err != nil {
			panic(err)
		}
		fmt.Println("address", p.Addr)
		for _, line := range p.Output() {
			fmt.Println(line)
		}
	}
	fmt.Println("phase")
	sleep()
}

func program(helper string) Program {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	v := catalogue.Variant{Server: catalogue.Server{ID: helper, Folder: helper}, Language: catalogue.Go}
	return Program{Variant: v, Argv: []string{self, helper}}
}
