package scenario

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"time"
)

// The scenarios of the gateway interfaces: bodies that come in pieces, in both directions. For WebSockets see rooms.go.
var (
	streamScenario = Scenario{
		Name: "stream", Title: "Replies that come in pieces", InPieces: true,
		Expect: "Some ask for a reply that is made piece by piece, others want a quick one meanwhile: " +
			"watch when the first byte comes, and which clients are answered while the streams go on.",
		Groups:  []string{"fast", "readers"},
		Servers: []string{"wsgi", "wsgi-workers", "wsgiref/python", "asgi", "asgi-goroutines", "asgi/python"},
		Knobs: []Knob{
			{Name: "clients", Label: "fast clients", Min: 1, Max: 200, Default: 20, Step: 1},
			{Name: "readers", Label: "readers of streams", Min: 1, Max: 50, Default: 6, Step: 1},
			{Name: "n", Label: "pieces of a stream", Min: 2, Max: 50, Default: 10, Step: 1},
			{Name: "ms", Label: "pause between two pieces", Says: "%s between two pieces",
				Unit: "ms", Min: 10, Max: 150, Default: 100, Step: 10},
		},
		build: stream,
	}
	uploadScenario = Scenario{
		Name: "upload", Title: "Requests that come in pieces",
		Expect: "Some send a large body slowly, others a small one at once: watch which clients the slow ones " +
			"hold up, and whether the server keeps what it reads. The sum in each reply is checked.",
		Groups:  []string{"quick", "slow"},
		Servers: []string{"wsgi", "wsgi-workers", "wsgiref/python", "asgi", "asgi-goroutines", "asgi/python"},
		Knobs: []Knob{
			{Name: "clients", Label: "quick clients", Min: 1, Max: 100, Default: 20, Step: 1},
			{Name: "slow", Label: "slow clients", Min: 1, Max: 20, Default: 4, Step: 1},
			{Name: "size", Label: "size of a slow one's body", Says: "slow bodies of %s",
				Unit: "bytes", Min: 64 << 10, Max: 2 << 20, Default: 1 << 20,
				Step: 64 << 10},
			{Name: "pieces", Label: "pieces that it comes in", Min: 2, Max: 50, Default: 10, Step: 1},
			{Name: "pause", Label: "pause between two pieces", Says: "%s between two pieces",
				Unit: "ms", Min: 10, Max: 150, Default: 100, Step: 10},
			{Name: "chunks", Label: "bodies in chunks, without a length", Min: 0, Max: 1, Default: 0, Step: 1},
		},
		build: upload,
	}
	bufferingScenario = Scenario{
		Name: "buffering", Title: "A middleware that collects", InPieces: true,
		Expect:  "A reply is made piece by piece, and passes through a middleware on its way: watch when its first byte comes.",
		Groups:  []string{"readers"},
		Servers: []string{"collecting", "passing-on", "collecting/python", "passing-on/python"},
		Knobs: []Knob{
			{Name: "readers", Label: "readers", Min: 1, Max: 4, Default: 3, Step: 1},
			{Name: "n", Label: "pieces of a stream", Min: 2, Max: 50, Default: 10, Step: 1},
			{Name: "ms", Label: "pause between two pieces", Says: "%s between two pieces",
				Unit: "ms", Min: 10, Max: 150, Default: 100, Step: 10},
		},
		build: buffering,
	}
	stalledReaderScenario = Scenario{
		Name: "stalled-reader", Title: "A reader that stops, and a queue without a bound", InPieces: true,
		Expect: "One client asks for a long reply, whose pieces the application fetches from the backend, and does not read for a while: " +
			"watch how many pieces are fetched meanwhile, and the server's memory.",
		Groups:  []string{"stalled"},
		Servers: []string{"queueing", "awaiting-send", "queueing/python", "awaiting-send/python"},
		Knobs: []Knob{
			{Name: "n", Label: "pieces of the reply", Min: 100, Max: 1000, Default: 400, Step: 50},
			{Name: "size", Label: "size of a piece", Says: "pieces of %s",
				Unit: "bytes", Min: 16 << 10, Max: 128 << 10, Default: 64 << 10,
				Step: 16 << 10},
			{Name: "pause", Label: "the pause before it reads", Says: "%s before it reads",
				Unit: "ms", Min: 500, Max: 3000, Default: 1500, Step: 100},
		},
		build: stalledReader,
	}
)

// stream: the fast clients come when the streams have begun, and give up before these are over, so a server whose
// threads are all busy answers none of them.
func stream(s Settings, r *rand.Rand) Script {
	length := ms(s["ms"]) * time.Duration(s["n"]-1)
	readers := visitors("readers", fmt.Sprintf("/stream?n=%d&ms=%d", s["n"], s["ms"]),
		spread(s["readers"], 0, min(ms(10), length/20), r), longest)
	return script(longest, readers, beside("fast", s["clients"], length, r))
}

// beside returns visitors that come during something that takes the given time, and give up before it is over.
func beside(group string, n int, length time.Duration, r *rand.Rand) []Client {
	return visitors(group, "/", spread(n, length/5, length/2, r), length-length/20)
}

func buffering(s Settings, r *rand.Rand) Script {
	target := fmt.Sprintf("/stream?n=%d&ms=%d", s["n"], s["ms"])
	return script(longest, visitors("readers", target, spread(s["readers"], 0, ms(50), r), longest))
}

func stalledReader(s Settings, r *rand.Rand) Script {
	return script(longest, []Client{{
		Name: "stalled 1", Group: "stalled", Start: spread(1, 0, ms(10), r)[0], GiveUp: longest, Receive: 16 << 10,
		Steps: []Step{send(get(fmt.Sprintf("/rows?n=%d&size=%d", s["n"], s["size"]))), pause(ms(s["pause"])), receive(1),
			{Do: Close}},
	}})
}

// upload: the quick clients send a small body at once, and give up before the slow ones are done.
func upload(s Settings, r *rand.Rand) Script {
	length := ms(s["pause"]) * time.Duration(s["pieces"]-1)
	var slow, quick []Client
	for i, start := range spread(s["slow"], 0, min(ms(10), length/20), r) {
		slow = append(slow, Client{Name: named("slow", i), Group: "slow", Start: start, GiveUp: longest,
			Steps: post(letters(s["size"], r), s["pieces"], ms(s["pause"]), s["chunks"] == 1)})
	}
	for i, start := range spread(s["clients"], length/5, length/2, r) {
		quick = append(quick, Client{Name: named("quick", i), Group: "quick", Start: start, GiveUp: length - length/20,
			Steps: post(letters(1<<10, r), 1, 0, s["chunks"] == 1)})
	}
	return script(longest, slow, quick)
}

// post returns the steps of a client that sends a body in pieces and expects its length and sum in the reply.
func post(body []byte, pieces int, rest time.Duration, chunks bool) []Step {
	announced := fmt.Sprintf("Content-Length: %d", len(body))
	if chunks {
		announced = "Transfer-Encoding: chunked"
	}
	bytes := []byte("POST /upload HTTP/1.1\r\nHost: era.test\r\n" + announced + "\r\n\r\n")
	var steps []Step
	for i := range pieces {
		piece := body[len(body)*i/pieces : len(body)*(i+1)/pieces]
		if chunks {
			piece = fmt.Appendf(nil, "%x\r\n%s\r\n", len(piece), piece)
			if i == pieces-1 {
				piece = append(piece, "0\r\n\r\n"...)
			}
		}
		if i > 0 {
			steps = append(steps, pause(rest))
		}
		steps, bytes = append(steps, send(append(bytes, piece...))), nil
	}
	want := fmt.Sprintf("%d bytes, sha256 %x\n", len(body), sha256.Sum256(body))
	return append(steps, Step{Do: Receive, N: 1, Want: want}, Step{Do: Close})
}

// letters returns meaningless text of the given size: one random word, repeated.
func letters(size int, r *rand.Rand) []byte {
	word := make([]byte, 61)
	for i := range word {
		word[i] = 'a' + byte(r.IntN(26))
	}
	return bytes.Repeat(word, size/len(word)+1)[:size]
}
