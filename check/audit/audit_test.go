//go:build linux

package audit_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"era/catalogue"
	"era/check/servertest"
	"era/runnable/kit/trace"
)

// TestAudit compares the trace of every server with an independent witness: strace must have seen the same calls on
// sockets and pipes, kind by kind.
func TestAudit(t *testing.T) {
	servertest.Need(t, "strace")
	if out, err := exec.Command("strace", "-o", os.DevNull, "true").CombinedOutput(); err != nil {
		servertest.Skip(t, fmt.Sprintf("strace may not trace here: %s", out))
	}
	backend := servertest.Backend(t)
	for _, s := range catalogue.Servers() {
		if s.Mistake != "" || s.Cure != "" { // they have tests of their own
			continue
		}
		for _, l := range s.Languages {
			v := catalogue.Variant{Server: s, Language: l}
			t.Run(s.ID+"/"+string(l), func(t *testing.T) {
				if s.Untraced != "" {
					t.Skip(s.Untraced) // there is nothing to compare with strace
				}
				t.Parallel() // most of the time a server waits to be started
				audit(t, v, backend)
			})
		}
	}
}

func audit(t *testing.T, v catalogue.Variant, backend string) {
	dir := t.TempDir()
	argv, preload := build(t, v, dir)
	traceFile, straceFile := filepath.Join(dir, "trace"), filepath.Join(dir, "strace")
	r, err := trace.Create(traceFile, 1<<16)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()

	args := []string{"-f", "-yy", "-s0", "-o", straceFile, "-e", "trace=network,desc", "-E", trace.Env + "=" + traceFile}
	if preload != "" {
		args = append(args, "-E", "LD_PRELOAD="+preload)
	}
	cmd := exec.Command("strace", append(append(args, argv...), "-addr", "127.0.0.1:0", "-backend", backend)...)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // strace takes its children with it
	addr, stop := listening(t, cmd, cmd.Start)
	defer stop()

	compared, processes := witnessed, ""
	if len(v.Server.Needs) == 0 {
		exercise(t, v.Server.Speaks, addr)
	} else { // third-party servers treat malformed requests, and loops, in their own ways
		requests(t, addr)
		compared = ofSockets
	}
	if v.Server.Folder == "thirdparty/servers" {
		processes = threads(t, child(t, cmd.Process.Pid)) // not the helper that it starts at its beginning
	}

	pid := child(t, cmd.Process.Pid)
	awaitSleep(pid)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	cmd.Wait() // it was killed: its status means nothing
	keepOnly(t, straceFile, processes)

	witness, lines := readStrace(t, straceFile)
	counts := r.Counts()
	open := map[trace.Kind]uint64{} // begun, and cut off by the kill, before or after the call reached the kernel
	for _, call := range r.InCall() {
		open[call.Kind]++
	}
	total := uint64(0)
	for _, kind := range compared {
		total += counts[kind]
		if seen := witness[kind]; seen < counts[kind] || seen > counts[kind]+open[kind] {
			t.Errorf("%s: strace saw %d, the trace has %d and %d open\n%s", kind, seen, counts[kind], open[kind],
				strings.Join(lines[kind], "\n"))
		}
	}
	if total < 30 {
		t.Errorf("only %d calls: the traffic did not reach the server", total)
	}
	t.Logf("%d calls audited", total)
	for e, ok := r.Next(); ok && len(v.Server.Needs) == 0; e, ok = r.Next() {
		checkSite(t, v.Language, e)
	}
}

// awaitSleep waits until all threads of a process have been seen asleep twice: then it has read that its clients are
// gone. strace may name a call twice, for two threads, if its process is killed at that moment. A server that polls
// never sleeps, so this gives up.
func awaitSleep(pid int) {
	for look, asleep := 0, 0; look < 500 && asleep < 2; look++ {
		asleep++
		files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
		for _, file := range files {
			stat, err := os.ReadFile(file)
			if err == nil && !strings.Contains(string(stat), ") S ") { // an error: the thread has ended
				asleep = 0
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// checkSite looks up the line that an event names: it must contain the call.
func checkSite(t *testing.T, l catalogue.Language, e trace.Event) {
	t.Helper()
	if !e.Kind.IsCall() {
		return
	}
	if l == catalogue.C {
		if !strings.HasPrefix(e.Site, "@") {
			t.Errorf("%s: site %q, want an offset", e.Kind, e.Site)
		}
		return
	}
	file, number, _ := strings.Cut(e.Site, ":")
	text, err := os.ReadFile(filepath.Join(runnable, file))
	if err != nil {
		t.Fatalf("%s: site %q: %v", e.Kind, e.Site, err)
	}
	n, err := strconv.Atoi(number)
	lines := strings.Split(string(text), "\n")
	if err != nil || n < 1 || n > len(lines) {
		t.Fatalf("%s: site %q", e.Kind, e.Site)
	}
	for _, form := range strings.Split(written[l][e.Kind], "|") {
		if strings.Contains(lines[n-1], form) {
			return
		}
	}
	if l == catalogue.Python && asyncio.MatchString(lines[n-1]) {
		return
	}
	t.Errorf("%s: site %q is %q, want a line with %q", e.Kind, e.Site, lines[n-1], written[l][e.Kind])
}

// asyncio matches a line that makes asyncio make calls. When asyncio tries again later, no line of a handler is on the
// stack: then the site is the line that runs the loop.
var asyncio = regexp.MustCompile(`asyncio\.(run|new_event_loop|start_server|open_connection)\(|loop(\(\))?\.(run_forever\(|sock_|add_|remove_|create_datagram_|create_server\()|` +
	`writer\.(write|write_eof|close)\(|transport\.\w+\(|reader\.read`)

// written is how a call reads in the source, in one of the forms between bars. In Python, closing is at the with
// statement; in Go it may be deferred.
var written = map[catalogue.Language]map[trace.Kind]string{
	catalogue.Go: {
		trace.Socket: "sys.Socket(", trace.Bind: "sys.Bind(", trace.Listen: "sys.Listen(", trace.Accept: "sys.Accept(",
		trace.Connect: "sys.Connect(", trace.Read: "sys.Read(|sys.Read(", trace.Write: "sys.Write(|sys.Write(",
		trace.Select:      "sys.Select(",
		trace.SetNonblock: "sys.SetNonblock(", trace.GetSockOpt: "sys.SocketError(",
		trace.SetSockOpt: "sys.ReuseAddr(|sys.NoDelay(|sys.NoLinger(",
		trace.Shutdown:   "sys.Shutdown(", trace.Poll: "sys.Poll(", trace.EpollCreate: "sys.EpollCreate(",
		trace.EpollCtl: "sys.EpollCtl(", trace.EpollWait: "sys.EpollWait(", trace.Pipe: "sys.Pipe(",
		trace.RecvFrom: "sys.RecvFrom(", trace.SendTo: "sys.SendTo(",
	},
	catalogue.Python: {
		trace.Socket: "socket.socket(", trace.Bind: ".bind(", trace.Listen: ".listen(", trace.Accept: ".accept(",
		trace.Connect: ".connect(", trace.Read: ".recv(", trace.Write: ".send", trace.Select: "select.select(",
		trace.SetNonblock: ".setblocking(", trace.GetSockOpt: ".getsockopt(", trace.SetSockOpt: ".setsockopt(",
		// importing selectors tries it as well
		trace.Shutdown: ".shutdown(", trace.Poll: "poller.poll(", trace.EpollCreate: "",
		trace.EpollCtl: "register(", trace.EpollWait: "selector.select(|selector.poll(",
	},
}

// witnessed are the kinds of calls that strace can see. Threads are not calls that it lists under network and desc.
// Go's runtime has an interest list of its own, which is skipped, so the making of lists is not compared.
var witnessed = []trace.Kind{
	trace.Socket, trace.Bind, trace.Listen, trace.Accept, trace.Connect, trace.Read, trace.Write, trace.Close,
	trace.SetNonblock, trace.GetSockOpt, trace.SetSockOpt, trace.Select, trace.Poll, trace.Shutdown,
	trace.EpollCtl, trace.EpollWait, trace.RecvFrom, trace.SendTo,
}

var kinds = map[string]trace.Kind{
	"socket": trace.Socket, "bind": trace.Bind, "listen": trace.Listen, "accept": trace.Accept, "accept4": trace.Accept,
	"connect": trace.Connect, "read": trace.Read, "recvfrom": trace.Read, "write": trace.Write, "sendto": trace.Write,
	"readv": trace.Read, "recvmsg": trace.Read, "writev": trace.Write, "sendmsg": trace.Write,
	"close": trace.Close, "fcntl": trace.SetNonblock, "ioctl": trace.SetNonblock, "getsockopt": trace.GetSockOpt,
	"setsockopt": trace.SetSockOpt, "select": trace.Select, "pselect6": trace.Select, "poll": trace.Poll,
	"ppoll":    trace.Poll,
	"shutdown": trace.Shutdown, "epoll_ctl": trace.EpollCtl, "epoll_wait": trace.EpollWait, "epoll_pwait": trace.EpollWait,
}

var (
	entered = regexp.MustCompile(`^\d+ +(\w+)\((.*)`)
	// the kernel repeats it: one call to the program
	restarted   = regexp.MustCompile(`^\d+ +(?:<\.\.\. )?(\w+)[ (].*= \? ERESTARTSYS`)
	resumed     = regexp.MustCompile(`^\d+ +<\.\.\. (\w+) resumed`)
	asynciosOwn = regexp.MustCompile(`EPOLL_CTL_ADD, \d+<UNIX`) // the socket pair by which other threads wake its loop
	// Descriptors from 3 on: the first three are the pipes to the test.
	onSocket = regexp.MustCompile(`^(\d\d+|[3-9])<(TCP(?:v6)?|UDP|socket|pipe):`)
	// recvfrom and sendto on a connection are what the C library makes of recv and send.
	addressed = map[string]trace.Kind{"recvfrom": trace.RecvFrom, "sendto": trace.SendTo}
	ofUDP     = regexp.MustCompile(`^\d+<UDP:`)
)

// readStrace counts the calls on sockets and pipes. A call counts when it is entered, on whichever line it returns. The
// last lines of each kind help to find out what went wrong.
func readStrace(t *testing.T, path string) (counts map[trace.Kind]uint64, saw map[trace.Kind][]string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const few = 50
	counts, saw = map[trace.Kind]uint64{}, map[trace.Kind][]string{}
	note := func(kind trace.Kind, line string) {
		if saw[kind] = append(saw[kind], line); len(saw[kind]) > few {
			saw[kind] = saw[kind][1:]
		}
	}
	runtimes := "" // the descriptor of the interest list of Go's runtime: it watches an eventfd, which no server does
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if m := restarted.FindStringSubmatch(line); m != nil {
			counts[kinds[m[1]]]--
			note(kinds[m[1]], line)
		}
		m := entered.FindStringSubmatch(line)
		if m == nil {
			if r := resumed.FindStringSubmatch(line); r != nil {
				note(kinds[r[1]], line)
			}
			continue
		}
		name, arguments := m[1], m[2]
		kind, known := kinds[name]
		if addressed[name] != 0 && ofUDP.MatchString(arguments) {
			kind = addressed[name]
		}
		list, _, _ := strings.Cut(arguments, "<")
		if strings.Contains(arguments, "eventfd") {
			runtimes = list
		}
		switch {
		case !known:
		case kind == trace.Socket && strings.HasPrefix(arguments, "AF_INET"),
			kind == trace.Select && !strings.HasPrefix(arguments, "0,"),
			kind == trace.SetNonblock && onSocket.MatchString(arguments) &&
				(strings.Contains(arguments, "F_SETFL") || strings.Contains(arguments, "FIONBIO")),
			kind == trace.Poll,
			kind == trace.EpollCtl && list != runtimes && !asynciosOwn.MatchString(arguments),
			kind == trace.EpollWait && list != runtimes,
			kind != trace.Socket && kind != trace.Select && kind != trace.SetNonblock && onSocket.MatchString(arguments):
			counts[kind]++
			note(kind, line)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return counts, saw
}

// child returns strace's child, the server.
func child(t *testing.T, parent int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", parent, parent))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatalf("strace's children: %v", err)
	}
	return pid
}
