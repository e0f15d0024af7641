//go:build unix

package site

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// processorTime returns what this process has used so far. On a busy machine it shows what a build costs, and the clock
// does not.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measured runs f b.N times and reports the processor time of one run; before is not counted.
func measured(b *testing.B, before, f func()) {
	var used time.Duration
	n := 0
	for b.Loop() {
		b.StopTimer()
		before()
		b.StartTimer()
		began := processorTime()
		f()
		used += processorTime() - began
		n++
	}
	b.ReportMetric(used.Seconds()*1000/float64(n), "cpu-ms/op")
}

func benchmarkBuild(b *testing.B, keep string) {
	dir := b.TempDir()
	measured(b, func() {}, func() {
		if err := New(root, Options{Keep: keep}).Build(context.Background(), dir); err != nil {
			b.Fatal(err)
		}
	})
}

// BenchmarkBuildCold builds the whole book with nothing kept.
func BenchmarkBuildCold(b *testing.B) { benchmarkBuild(b, "") }

// BenchmarkBuildUnchanged builds it when nothing has changed since the build before.
func BenchmarkBuildUnchanged(b *testing.B) {
	keep := b.TempDir()
	if err := New(root, Options{Keep: keep}).Build(context.Background(), b.TempDir()); err != nil {
		b.Fatal(err)
	}
	benchmarkBuild(b, keep)
}

// BenchmarkFirstPageAfterEdit asks for a chapter that has just been edited.
func BenchmarkFirstPageAfterEdit(b *testing.B) {
	dir := copied(b)
	s := New(os.DirFS(dir), Options{Stream: "lab/live"})
	handler := s.Handler()
	request := httptest.NewRequest(http.MethodGet, "/websocket.html", nil)
	request.Header.Set("Accept-Encoding", "gzip")
	handler.ServeHTTP(httptest.NewRecorder(), request)
	chapter, err := os.OpenFile(filepath.Join(dir, "content/websocket/index.md"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer chapter.Close()
	measured(b, func() {
		fmt.Fprintln(chapter, "\nAn edit.")
		s.looked = time.Time{} // the last look at the files is long ago
	}, func() {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		if answer.Code != http.StatusOK {
			b.Fatal(answer.Code)
		}
	})
}
