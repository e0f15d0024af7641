package main

import (
	"errors"
	"net"
	"syscall"
	"testing"
)

// TestC3_11_ResetInTheQueue: on Linux, a client that resets its connection before accept is accepted all the same, and
// the first read fails. On other systems accept returns ECONNABORTED.
func TestC3_11_ResetInTheQueue(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	client, err := net.Dial("tcp4", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	client.(*net.TCPConn).SetLinger(0) // so that Close resets
	client.Close()
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the first read: %v", err)
	}
}
