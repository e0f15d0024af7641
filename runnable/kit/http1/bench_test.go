package http1

import "testing"

// What a browser sends, and what the lab sends.
const browsers = "GET /ask?delay=5 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n" +
	"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n" +
	"Connection: keep-alive\r\nUpgrade-Insecure-Requests: 1\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Site: none\r\nPriority: u=0, i\r\n\r\n"

const labs = "GET / HTTP/1.1\r\nHost: era.test\r\n\r\n"

func BenchmarkInbox(b *testing.B) {
	for name, head := range map[string]string{"lab": labs, "browser": browsers} {
		b.Run(name, func(b *testing.B) {
			var in Inbox
			arrived := []byte(head)
			b.ReportAllocs()
			for b.Loop() {
				in.Add(arrived)
				if r, ok := in.Next(); !ok || r.status != 200 {
					b.Fatal(r)
				}
			}
		})
	}
}

func BenchmarkStream(b *testing.B) {
	for name, head := range map[string]string{"lab": labs, "browser": browsers} {
		b.Run(name, func(b *testing.B) {
			var s Stream
			arrived := []byte(head)
			b.ReportAllocs()
			for b.Loop() {
				s.Add(arrived)
				if _, status, ok := s.Head(); !ok || status != 200 {
					b.Fatal(status)
				}
			}
		})
	}
}
