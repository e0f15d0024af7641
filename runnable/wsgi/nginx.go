package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"

	"era/runnable/kit/sys"
	"era/runnable/kit/wsgi"
)

// config is nginx's configuration. nginx reads a whole request before it asks the server behind it, and reads the whole
// reply at once, however slowly the client reads: both are its defaults, and the reason to put it before such servers.
// A reply in chunks is passed on chunk by chunk. By default nginx would ask in HTTP/1.0, which has no chunks, and would
// hold the pieces of a reply back until a buffer is full. All is kept in memory, up to 16 MiB of a request and 8 of a
// reply; by default large ones would go into files.
const config = `
daemon off;
worker_processes 1;
worker_shutdown_timeout 10s;
pid DIR/pid;
error_log stderr emerg;
events { worker_connections 12000; }
http {
	access_log off;
	client_body_temp_path DIR; proxy_temp_path DIR; fastcgi_temp_path DIR; uwsgi_temp_path DIR; scgi_temp_path DIR;
	keepalive_requests 1000000000;
	client_max_body_size 16m;
	client_body_buffer_size 16m;
	server {
		listen ADDR;
		location / {
			proxy_pass http://BEHIND;
			proxy_http_version 1.1;
			proxy_set_header Host $http_host;
			proxy_buffers 256 32k;
			proxy_buffer_size 32k;
			proxy_max_temp_file_size 0;
		}
	}
}
`

// fronted is a server behind nginx.
type fronted struct {
	wsgi.Server
	nginx    *exec.Cmd
	stopping atomic.Bool   // Stop was called
	ended    chan struct{} // closed when nginx has ended
}

// behindNginx starts nginx at the address. It returns the server, and the listener on which nginx asks it.
func behindNginx(server wsgi.Server, addr sys.Addr) (f *fronted, listener int) {
	dir, err := os.MkdirTemp("", "era-nginx-")
	check(err)
	at, front := listen(addr.String())
	asks, behind := listen("127.0.0.1:0")
	conf := filepath.Join(dir, "conf")
	check(os.WriteFile(conf, []byte(strings.NewReplacer("DIR", dir, "ADDR", at, "BEHIND", asks).Replace(config)), 0o600))
	program, err := installed("nginx")
	check(err)
	f = &fronted{Server: server, ended: make(chan struct{}),
		nginx: exec.Command(program, "-e", "stderr", "-p", dir, "-c", conf)}
	// nginx inherits our listener, in the way in which a new version of it inherits the old one's.
	f.nginx.Env, f.nginx.ExtraFiles = append(os.Environ(), "NGINX=3;"), []*os.File{os.NewFile(uintptr(front), "front")}
	f.nginx.Stderr = os.Stderr
	wsgi.Tether(f.nginx, syscall.SIGTERM)
	check(f.nginx.Start())
	f.nginx.ExtraFiles[0].Close() // the listener is nginx's alone
	go f.announce(at, dir)
	go func() {
		ended := f.nginx.Wait()
		os.RemoveAll(dir)
		if close(f.ended); !f.stopping.Load() {
			log.Fatalf("nginx ended: %v", ended) // the workers end with this process
		}
	}()
	return f, behind
}

// announce prints where nginx listens when a first request has been answered. By then nginx has read its configuration,
// which is removed.
func (f *fronted) announce(addr, dir string) {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	reply, err := client.Get("http://" + addr + "/")
	os.RemoveAll(dir)
	if err != nil {
		log.Fatalf("nginx does not answer: %v", err)
	}
	reply.Body.Close()
	fmt.Printf("listening on %s\n", addr)
}

// Stop lets nginx finish its requests and end, and then the server behind it.
func (f *fronted) Stop() {
	f.stopping.Store(true)
	f.nginx.Process.Signal(syscall.SIGQUIT) // an error: it has ended
	<-f.ended
	f.Server.Stop()
}

// Restart restarts the server behind nginx, which does not notice.
func (f *fronted) Restart() {
	if s, ok := f.Server.(restarter); ok {
		s.Restart()
	}
}

// listen opens a blocking socket without kit/sys, so it is not in the trace.
func listen(addr string) (bound string, listener int) {
	l, err := net.Listen("tcp4", addr)
	check(err)
	defer l.Close()
	file, err := l.(*net.TCPListener).File()
	check(err)
	defer file.Close()
	listener, err = syscall.Dup(int(file.Fd())) // Fd makes it blocking
	check(err)
	syscall.CloseOnExec(listener)
	return l.Addr().String(), listener
}

// installed finds a program on PATH, or where distributions put servers.
func installed(program string) (path string, err error) {
	for _, dir := range []string{"", "/usr/sbin/", "/usr/local/sbin/"} {
		if path, err = exec.LookPath(dir + program); err == nil {
			break
		}
	}
	return path, err
}

func check(err error) {
	if err != nil {
		log.Fatalf("nginx in front: %v", err)
	}
}
