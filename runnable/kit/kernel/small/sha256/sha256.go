// Package sha256 is what a module of the simulated kernel has instead of crypto/sha256, which brings the tests that a
// standard asks for (FIPS 180-4, section 6.2).
package sha256

import "encoding/binary"

// Digest is a sum under way.
type Digest struct {
	state  [8]uint32
	block  []byte // begun
	length uint64
}

// New begins a sum.
func New() *Digest { return &Digest{state: initial} }

// Write adds bytes.
func (d *Digest) Write(p []byte) (int, error) {
	d.length += uint64(len(p))
	for d.block = append(d.block, p...); len(d.block) >= 64; d.block = d.block[64:] {
		d.add(d.block)
	}
	return len(p), nil
}

// Sum appends the sum of what was written.
func (d *Digest) Sum(b []byte) []byte {
	last := Digest{state: d.state, block: append([]byte(nil), d.block...)}
	padding := make([]byte, (119-d.length%64)%64+1)
	padding[0] = 0x80
	last.Write(binary.BigEndian.AppendUint64(padding, d.length*8))
	for _, s := range last.state {
		b = binary.BigEndian.AppendUint32(b, s)
	}
	return b
}

func (d *Digest) add(block []byte) {
	var w [64]uint32
	for i := range 16 {
		w[i] = binary.BigEndian.Uint32(block[4*i:])
	}
	for i := 16; i < 64; i++ {
		a, b := w[i-15], w[i-2]
		w[i] = w[i-16] + (right(a, 7) ^ right(a, 18) ^ a>>3) + w[i-7] + (right(b, 17) ^ right(b, 19) ^ b>>10)
	}
	s := d.state
	for i := range 64 {
		e, a := s[4], s[0]
		one := s[7] + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) + (e&s[5] ^ ^e&s[6]) + constants[i] + w[i]
		two := (right(a, 2) ^ right(a, 13) ^ right(a, 22)) + (a&s[1] ^ a&s[2] ^ s[1]&s[2])
		s = [8]uint32{one + two, a, s[1], s[2], s[3] + one, e, s[5], s[6]}
	}
	for i := range s {
		d.state[i] += s[i]
	}
}

func right(x uint32, n int) uint32 { return x>>n | x<<(32-n) }

// The first 32 bits of the fractions of the square roots of the first 8 primes, and of the cube roots of the first 64.
var (
	initial = [8]uint32{
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
		0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
	}
	constants = [64]uint32{
		0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
		0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
		0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
		0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
		0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
		0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
		0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
		0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
	}
)
