package flag

import (
	"strings"
	"unsafe"
)

//go:wasmimport wasi_snapshot_preview1 args_sizes_get
func argsSizes(count, size *uint32) uint32

//go:wasmimport wasi_snapshot_preview1 args_get
func args(pointers, text unsafe.Pointer) uint32

// arguments asks the host, as package os would.
func arguments() []string {
	var count, size uint32
	argsSizes(&count, &size)
	pointers, text := make([]uint32, count+1), make([]byte, size+1)
	args(unsafe.Pointer(&pointers[0]), unsafe.Pointer(&text[0]))
	return strings.Split(strings.TrimSuffix(string(text[:size]), "\x00"), "\x00")[1:]
}
