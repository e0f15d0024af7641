package asgi

import (
	"bytes"
	"testing"
)

// TestDeflateOnce: the same message is compressed once for a whole room, and a changed one again. Tests in check cover
// what clients see of compression.
func TestDeflateOnce(t *testing.T) {
	var d deflater
	message := bytes.Repeat([]byte("a"), deflateFrom)
	one := d.deflate(message)
	if two := d.deflate(bytes.Clone(message)); &one[0] != &two[0] {
		t.Error("it is compressed again")
	}
	message[0] = 'b'
	back, err := inflate(bytes.NewBuffer(bytes.Clone(d.deflate(message))), deflateFrom)
	if !bytes.Equal(back, message) || err != nil {
		t.Errorf("%q, %v", back, err)
	}
}
