package http1

import (
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"era/check/servertest"
)

// The programs below read streams, one per line in hexadecimal, and print in the same way the replies of an inbox for
// each; the second Python program prints the first head.
const inPython = `
import sys
sys.path.append("../python")
import http1
for line in sys.stdin:
    inbox = http1.Inbox()
    stream = bytes.fromhex(line)
    out = b""
    for at in range(0, len(stream) + 1, 4096):
        inbox.add(stream[at:at + 4096])
        while True:
            r = inbox.next()
            if not r:
                break
            out += r.answer(r.question) if r.asks else r.reply()
    print(out.hex())
`

const headsInPython = `
import sys
sys.path.append("../python")
import http1
for line in sys.stdin:
    try:
        h = http1.cut_head(bytearray.fromhex(line))
        out = b""
        if h:
            length = -1 if h.length is None else h.length
            out = f"{h.method} HTTP/{h.version} {length} {int(h.close)}{int(h.expects)}".encode() + b" " + h.path + b"?" + h.query
            out += b"".join(b"\n" + name + b": " + value for name, value in h.headers)
    except http1.Refused as refused:
        out = str(refused.status).encode()
    print(out.hex())
`

// The bodies are read as by Python's ASGI server, whose reader waits: here it never has to.
const bodiesInPython = `
import sys
sys.path += ["../python", "../../asgi"]
import heads
class Conn:
    async def arrive(self):
        raise ConnectionError
async def read(conn):
    body, out = heads.Chunks(conn), b""
    try:
        while not body.ended:
            out += await body.next()
        return out + b" and %d more" % len(conn.inbox)
    except heads.Refused:
        return b"malformed"
    except ConnectionError:
        return b"and so on"  # how much of it has been told already is for each to say
for line in sys.stdin:
    conn = Conn()
    conn.inbox = bytearray.fromhex(line)
    try:
        read(conn).send(None)
    except StopIteration as end:
        print(end.value.hex())
`

const inC = `
#include "../c/http1.h"
int main(void) {
	static char line[1 << 16];
	while (fgets(line, sizeof line, stdin)) {
		struct inbox *inbox = calloc(1, sizeof *inbox);
		struct request *r = calloc(1, sizeof *r);
		size_t n = strcspn(line, "\n") / 2;
		for (size_t at = 0; at <= n; at += READ_SIZE) {
			char *piece = malloc(READ_SIZE);
			size_t size = n - at < READ_SIZE ? n - at : READ_SIZE;
			for (size_t i = 0; i < size; i++)
				piece[i] = (char)strtol((char[]){line[2 * (at + i)], line[2 * (at + i) + 1], 0}, NULL, 16);
			inbox_add(inbox, piece, size);
			free(piece);
			while (inbox_next(inbox, r)) {
				struct buffer question = {0};
				if (r->asks)
					buffer_add(&question, r->question, strlen(r->question));
				struct buffer out = r->asks ? request_answer(r, &question) : request_reply(r);
				for (size_t i = 0; i < out.len; i++)
					printf("%02x", (unsigned char)out.bytes[i]);
				buffer_free(&question);
				buffer_free(&out);
			}
		}
		printf("\n");
		free(inbox);
		free(r);
	}
	return 0;
}
`

// TestLanguages: to the same bytes the servers in Python and C reply as Go's do, and Python reads heads with bodies as
// Go does.
func TestLanguages(t *testing.T) {
	streams := fuzzed()
	inGo := func(stream string) string {
		var inbox Inbox
		inbox.Add([]byte(stream))
		return said(&inbox)
	}
	t.Run("python", func(t *testing.T) { compare(t, streams, inGo, servertest.Need(t, "python3"), "-c", inPython) })
	t.Run("python/bodies", func(t *testing.T) {
		compare(t, streams, headInGo, servertest.Need(t, "python3"), "-c",
			headsInPython)
	})
	t.Run("c", func(t *testing.T) {
		binary := filepath.Join(t.TempDir(), "heads")
		cc := exec.Command(servertest.Need(t, "cc"), "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover",
			"-Wall", "-Wextra", "-Werror", "-I.",
			"-o", binary, "-x", "c", "-")
		cc.Stdin = strings.NewReader(inC)
		if out, err := cc.CombinedOutput(); err != nil {
			t.Fatalf("cc: %v\n%s", err, out)
		}
		compare(t, streams, inGo, binary)
	})
}

// TestLanguages_bodies: Python's ASGI server reads bodies in chunks as ours in Go does.
func TestLanguages_bodies(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 1))
	var bodies []string
	for range 5000 {
		body := madeBody(random)
		if random.IntN(2) == 0 {
			body = mutated(body, random)
		}
		bodies = append(bodies, body)
	}
	inGo := func(body string) string {
		s := Stream{part: aSize}
		s.Add([]byte(body))
		out, p := "", make([]byte, 1<<10)
		for {
			n, err := s.Body(p)
			out += string(p[:n])
			switch err {
			case io.EOF:
				return fmt.Sprintf("%s and %d more", out, len(s.Rest()))
			case ErrMore:
				return "and so on"
			case ErrChunk:
				return "malformed"
			}
		}
	}
	compare(t, bodies, inGo, servertest.Need(t, "python3"), "-c", bodiesInPython)
}

// headInGo prints a stream's first head as headsInPython does.
func headInGo(stream string) string {
	var s Stream
	s.Add([]byte(stream))
	h, status, ok := s.Head()
	switch {
	case !ok:
		return ""
	case status != 200:
		return fmt.Sprint(status)
	}
	flags := strings.NewReplacer("true", "1", "false", "0").Replace(fmt.Sprint(h.Close, h.Continue))
	text := fmt.Sprintf("%s %s %d %s %s?%s", h.Method, h.Version, h.Length, strings.ReplaceAll(flags, " ", ""), h.Path,
		h.Query)
	for _, f := range h.Fields {
		text += "\n" + strings.ToLower(f.Name) + ": " + f.Value
	}
	return text
}

// compare runs a program on all streams. Of those for which its output differs from Go's, it reports the smallest.
func compare(t *testing.T, streams []string, inGo func(stream string) string, program ...string) {
	t.Helper()
	for _, file := range []string{"../c/http1.h", "../python/http1.py", "../../asgi/heads.py"} { // so go test knows them
		if _, err := os.Stat(file); err != nil {
			t.Fatal(err)
		}
	}
	differs := func(streams []string) []bool {
		out := make([]bool, len(streams))
		for i, got := range outputs(t, streams, program...) {
			out[i] = got != inGo(streams[i])
		}
		return out
	}
	shortest, count := -1, 0
	for i, differs := range differs(streams) {
		if differs {
			if count++; shortest < 0 || len(streams[i]) < len(streams[shortest]) {
				shortest = i
			}
		}
	}
	if count > 0 {
		least := minimal(streams[shortest], differs)
		t.Errorf("%d of %d streams differ, in the least %q\n got %q\nwant %q", count, len(streams), least,
			outputs(t, []string{least}, program...)[0], inGo(least))
	}
}

// outputs returns what the program prints about each stream.
func outputs(t *testing.T, streams []string, program ...string) []string {
	t.Helper()
	var in strings.Builder
	for _, s := range streams {
		in.WriteString(hex.EncodeToString([]byte(s)) + "\n")
	}
	cmd := exec.Command(program[0], program[1:]...)
	cmd.Stdin, cmd.Stderr = strings.NewReader(in.String()), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(out), "\n")
	if len(lines) != len(streams)+1 {
		t.Fatalf("%d lines about %d streams", len(lines)-1, len(streams))
	}
	for i := range streams {
		line, err := hex.DecodeString(lines[i])
		if err != nil {
			t.Fatal(err)
		}
		lines[i] = string(line)
	}
	return lines[:len(streams)]
}
