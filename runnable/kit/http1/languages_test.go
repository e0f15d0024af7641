package http1

import (
	"bytes"
	"encoding/hex"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The programs below read streams, one in a line in hexadecimal, and print what comes out of an inbox for each.
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

// TestLanguages: the servers in Python and C say to the same bytes what Go's say.
func TestLanguages(t *testing.T) {
	var streams []string
	for _, h := range heads {
		streams = append(streams, h.in)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		streams = append(streams, mutated(random))
	}
	t.Run("python", func(t *testing.T) { compare(t, streams, exec.Command(need(t, "python3"), "-c", inPython)) })
	t.Run("c", func(t *testing.T) {
		binary := filepath.Join(t.TempDir(), "heads")
		cc := exec.Command(need(t, "cc"), "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover", "-Wall", "-Wextra", "-Werror", "-I.",
			"-o", binary, "-x", "c", "-")
		cc.Stdin = strings.NewReader(inC)
		if out, err := cc.CombinedOutput(); err != nil {
			t.Fatalf("cc: %v\n%s", err, out)
		}
		compare(t, streams, exec.Command(binary))
	})
}

func compare(t *testing.T, streams []string, cmd *exec.Cmd) {
	var in strings.Builder
	for _, s := range streams {
		in.WriteString(hex.EncodeToString([]byte(s)) + "\n")
	}
	cmd.Stdin, cmd.Stderr = strings.NewReader(in.String()), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(lines) != len(streams) {
		t.Fatalf("%d answers to %d streams", len(lines), len(streams))
	}
	for i, stream := range streams {
		got, err := hex.DecodeString(lines[i])
		if err != nil {
			t.Fatal(err)
		}
		var inbox Inbox
		inbox.Add([]byte(stream))
		if want := said(&inbox); string(got) != want {
			t.Errorf("%.200q\n got %q\nwant %q", stream, got, want)
		}
	}
}

// mutated is a stream of the table with some of its bytes changed to ones that mean something in a head.
func mutated(random *rand.Rand) string {
	h := []byte(heads[random.IntN(len(heads))].in)
	if bytes.Contains(h, []byte("://")) { // Go reads the name in a whole address, the others skip it
		return string(h)
	}
	for range random.IntN(3) {
		if len(h) > 0 && len(h) < 1000 {
			const meaning = "GETHP/1.0*?%: \t,\r\nx\x00\x7f\xff"
			h[random.IntN(len(h))] = meaning[random.IntN(len(meaning))]
		}
	}
	return string(h)
}

// need finds a tool. Without it the test is skipped, loudly; under CI=true it fails.
func need(t *testing.T, tool string) string {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing, and CI=true", tool)
	}
	if err != nil {
		t.Skipf("SKIPPED: %s is missing", tool)
	}
	return path
}
