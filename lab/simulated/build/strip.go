package build

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// Strip zeroes the tables of source lines of Go's own functions in a module: a tenth of its compressed size. A view
// shows lines of the book's servers and their kit only. Stack traces name Go's functions without a line then, as the
// runtime does for a function that has no such table (runtime/symtab.go, pcvalue). The module keeps its length.
//
// The table of functions is laid out as in runtime/symtab.go, with the magic number of Go 1.20. A module in which it is
// not found stays as it is.
func Strip(module []byte) {
	m := newImage(module)
	at := bytes.Index(m.memory, []byte{0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8})
	if at < 0 {
		return
	}
	word := func(n int) int { return at + int(binary.LittleEndian.Uint64(m.memory[at+8+8*n:])) }
	count, names, tables, functions := word(0)-at, word(3), word(6), word(7)
	number := func(at int) int { return int(binary.LittleEndian.Uint32(m.memory[at:])) }

	kept, dropped := map[int]bool{0: true}, map[int]bool{}
	for n := range count {
		f := functions + number(functions+8*n+4) // entry, name, args, deferreturn, pcsp, pcfile, pcln, npcdata
		name, _, _ := bytes.Cut(m.memory[names+number(f+4):], []byte{0})
		ours := strings.HasPrefix(string(name), "main.") || strings.HasPrefix(string(name), "era/")
		kept[number(f+16)] = true
		for k := range number(f + 28) {
			kept[number(f+44+4*k)] = true
		}
		for _, field := range []int{f + 20, f + 24} {
			if ours {
				kept[number(field)] = true
				continue
			}
			dropped[number(field)] = true
			clear(m.memory[field : field+4])
		}
	}
	for table := range dropped {
		if !kept[table] { // tables are shared
			clear(m.memory[tables+table:][:tableLength(m.memory[tables+table:])])
		}
	}
	m.write(module)
}

// tableLength is the length of a table of pairs of varints, whose end is a pair that begins with 0.
func tableLength(table []byte) (n int) {
	for first := true; first || table[n] != 0; first = false {
		for range 2 {
			for table[n] > 127 {
				n++
			}
			n++
		}
	}
	return n + 1
}

// image is the memory of a module before it runs: what its data section says.
type image struct {
	memory []byte
	pieces []piece
}

type piece struct{ at, from, length int } // in memory, and in the module

func newImage(module []byte) *image {
	m := &image{}
	at := 8
	number := func() int {
		n, size := binary.Uvarint(module[at:])
		at += size
		return int(n)
	}
	for at < len(module) {
		id := module[at]
		at++
		end := number()
		end += at
		if id == 11 { // data: of each piece a flag, the instructions i32.const ADDRESS and end, and the bytes
			for range number() {
				at += 2
				address := 0
				for shift := 0; ; shift += 7 { // signed, and never negative here
					b := module[at]
					at++
					address |= int(b&127) << shift
					if b < 128 {
						break
					}
				}
				at++
				length := number()
				m.pieces = append(m.pieces, piece{address, at, length})
				at += length
			}
		}
		at = end
	}
	if len(m.pieces) > 0 {
		last := m.pieces[len(m.pieces)-1]
		m.memory = make([]byte, last.at+last.length)
	}
	for _, p := range m.pieces {
		copy(m.memory[p.at:], module[p.from:p.from+p.length])
	}
	return m
}

func (m *image) write(module []byte) {
	for _, p := range m.pieces {
		copy(module[p.from:p.from+p.length], m.memory[p.at:])
	}
}
