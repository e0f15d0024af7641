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

// config is nginx's. It takes a whole request before it tells the server behind it, and takes the whole reply off it at
// once, however slowly the client reads: both are its defaults, and why it stood before such servers. What comes in chunks
// it passes on chunk by chunk. By default it would ask in HTTP/1.0, which has none, and would hold the pieces of a reply
// back until a buffer is full. It keeps all in memory, up to 16 MiB of a request and 8 of a reply; by default it would
// write what is large into files.
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
	nginx *exec.Cmd
	told  atomic.Bool   // it was told to end
	ended chan struct{} // it has
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
	f = &fronted{Server: server, ended: make(chan struct{}), nginx: exec.Command(program, "-e", "stderr", "-p", dir, "-c", conf)}
	// nginx takes over our listener, as it does its own when a new version of the program takes the place of the old.
	f.nginx.Env, f.nginx.ExtraFiles = append(os.Environ(), "NGINX=3;"), []*os.File{os.NewFile(uintptr(front), "front")}
	f.nginx.Stderr = os.Stderr
	wsgi.Tether(f.nginx, syscall.SIGTERM)
	check(f.nginx.Start())
	f.nginx.ExtraFiles[0].Close() // the listener is nginx's alone
	go f.announce(at, dir)
	go func() {
		ended := f.nginx.Wait()
		os.RemoveAll(dir)
		if close(f.ended); !f.told.Load() {
			log.Fatalf("nginx ended: %v", ended) // and the workers leave when we have
		}
	}()
	return f, behind
}

// announce says where nginx listens when a first request has been answered, and clears away what nginx has read by then.
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

// Stop lets nginx finish what it has begun, and then the server behind it.
func (f *fronted) Stop() {
	f.told.Store(true)
	f.nginx.Process.Signal(syscall.SIGQUIT) // an error: it has ended
	<-f.ended
	f.Server.Stop()
}

// Restart does it with the server behind, which nginx does not notice.
func (f *fronted) Restart() {
	if s, ok := f.Server.(restarter); ok {
		s.Restart()
	}
}

// listen opens a blocking socket, which leaves no trace.
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

// installed looks for a program on PATH, and where distributions put servers.
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
