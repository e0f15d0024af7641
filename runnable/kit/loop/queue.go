package loop

// queue is a first-in, first-out queue in a growing ring, whose length is a power of two.
type queue struct {
	ring        []*Handle
	first, next uint // only increase; modulo the ring's length they are indexes into it
}

func (q *queue) len() int { return int(q.next - q.first) }

func (q *queue) push(h *Handle) {
	if q.len() == len(q.ring) {
		bigger := make([]*Handle, max(16, 2*len(q.ring)))
		n := uint(0)
		for ; q.first != q.next; n++ {
			bigger[n] = q.pop()
		}
		q.ring, q.first, q.next = bigger, 0, n
	}
	q.ring[q.next&uint(len(q.ring)-1)] = h
	q.next++
}

// pop removes the oldest; the queue must not be empty.
func (q *queue) pop() *Handle {
	place := &q.ring[q.first&uint(len(q.ring)-1)]
	h := *place
	*place = nil
	q.first++
	return h
}
