package scenario

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// get returns the request for a target. The name of the host is the same for every server, so that the bytes are the
// same.
func get(target string) []byte {
	return []byte("GET " + target + " HTTP/1.1\r\nHost: era.test\r\n\r\n")
}

func send(bytes []byte) Step           { return Step{Do: Send, Bytes: bytes} }
func pause(d time.Duration) Step       { return Step{Do: Pause, For: d} }
func receive(n int) Step               { return Step{Do: Receive, N: n} }
func ms(n int) time.Duration           { return time.Duration(n) * time.Millisecond }
func named(group string, i int) string { return fmt.Sprintf("%s %d", group, i+1) }

// spread places n moments evenly between two times, each shifted at random by less than the distance to the next.
func spread(n int, from, to time.Duration, r *rand.Rand) []time.Duration {
	at := make([]time.Duration, n)
	for i := range at {
		at[i] = from + time.Duration((float64(i)+r.Float64())*float64(to-from)/float64(n))
	}
	return at
}

// visitors are clients that ask once, take the reply and leave.
func visitors(group, target string, starts []time.Duration, giveUp time.Duration) []Client {
	var clients []Client
	for i, start := range starts {
		clients = append(clients, Client{
			Name: named(group, i), Group: group, Start: start, GiveUp: giveUp,
			Steps: []Step{send(get(target)), receive(1), {Do: Close}},
		})
	}
	return clients
}

// SHA256 hashes the script's canonical form: all numbers as 64 bits, all texts with their length, in the order of the
// fields.
func (s Script) SHA256() string {
	h := sha256.New()
	number := func(n int64) {
		h.Write(binary.LittleEndian.AppendUint64(nil, uint64(n)))
	}
	text := func(t string) {
		number(int64(len(t)))
		h.Write([]byte(t))
	}
	number(int64(s.Length))
	number(int64(len(s.Clients)))
	for _, c := range s.Clients {
		text(c.Name)
		text(c.Group)
		number(int64(c.Start))
		number(int64(c.GiveUp))
		number(int64(c.Receive))
		number(int64(len(c.Steps)))
		for _, step := range c.Steps {
			text(string(step.Do))
			text(string(step.Bytes))
			number(int64(step.For))
			number(int64(step.N))
		}
	}
	if s.Terminate != 0 { // a rare feature does not change the hashes of other scripts
		text("terminate")
		number(int64(s.Terminate))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// script sorts the clients by the time when they start.
func script(length time.Duration, groups ...[]Client) Script {
	clients := slices.Concat(groups...)
	slices.SortStableFunc(clients, func(a, b Client) int { return int(a.Start - b.Start) })
	s := Script{Clients: clients, Length: length, Files: len(clients)}
	for _, c := range clients {
		if slices.ContainsFunc(c.Steps, func(step Step) bool { return bytes.Contains(step.Bytes, []byte("/ask")) }) {
			s.Asking++
		}
	}
	return s
}
