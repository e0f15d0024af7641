package recording

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

// In its file, a recording's many lanes and marks are columns: what many have in common stands once, in a table, and
// numbers are texts in Base64 VLQ, as in source maps (ECMA-426). That takes a third of the space of arrays of arrays,
// and a seventh of the time to read. web/lab/unpack.js reads them in the page. All the rest is plain JSON.
type (
	plainTrack Track

	packedTrack struct {
		plainTrack
		Lanes packedLanes `json:"lanes"`
		Marks packedMarks `json:"marks"`
	}
	packedLanes struct {
		Kinds []Lane   `json:"kinds"` // without numbers and names
		Kind  column   `json:"kind"`  // of each lane
		Names []string `json:"names"`
	}
	packedMarks struct {
		Kinds  []Mark `json:"kinds"` // without what is in the columns below
		Kind   column `json:"kind"`
		Lane   column `json:"lane"`
		End    column `json:"end"` // the time since the end of the mark before: marks stand in the order of their ends
		Took   column `json:"took"`
		FD     column `json:"fd"`
		Result column `json:"result"`
		Count  column `json:"count"`
		Task   column `json:"task"`
	}
)

// Tracks are those of a recording.
type Tracks []Track

// MarshalJSON writes them as a recording's file has them.
func (all Tracks) MarshalJSON() ([]byte, error) {
	packed := make([]packedTrack, len(all))
	for i, t := range all {
		lanes, err := packLanes(t.Lanes)
		if err != nil {
			return nil, fmt.Errorf("tracks[%d].%w", i, err)
		}
		packed[i] = packedTrack{plainTrack(t), lanes, packMarks(t.Marks)}
	}
	return json.Marshal(packed)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (all *Tracks) UnmarshalJSON(data []byte) error {
	var packed []packedTrack
	if err := json.Unmarshal(data, &packed); err != nil {
		return err
	}
	*all = make(Tracks, len(packed))
	for i, p := range packed {
		t := Track(p.plainTrack)
		var err error
		if t.Lanes, err = p.Lanes.unpack(); err != nil {
			return fmt.Errorf("tracks[%d].lanes: %w", i, err)
		}
		if t.Marks, err = p.Marks.unpack(); err != nil {
			return fmt.Errorf("tracks[%d].marks: %w", i, err)
		}
		(*all)[i] = t
	}
	return nil
}

// A table numbers what is put into it, equal things alike.
type table[T comparable] struct {
	rows   []T
	number map[T]int64
}

func (t *table[T]) put(row T) int64 {
	n, known := t.number[row]
	if !known {
		if t.number == nil {
			t.number = map[T]int64{}
		}
		n = int64(len(t.rows))
		t.number[row] = n
		t.rows = append(t.rows, row)
	}
	return n
}

func packLanes(lanes []Lane) (p packedLanes, err error) {
	p.Names = make([]string, len(lanes))
	kinds := table[Lane]{rows: []Lane{}}
	for i, l := range lanes {
		if l.ID != i {
			return p, fmt.Errorf("lanes[%d]: number %d: want its place", i, l.ID)
		}
		p.Names[i] = l.Name
		l.ID, l.Name = 0, ""
		p.Kind = append(p.Kind, kinds.put(l))
	}
	p.Kinds = kinds.rows
	return p, nil
}

func (p *packedLanes) unpack() ([]Lane, error) {
	if len(p.Kind) != len(p.Names) {
		return nil, fmt.Errorf("%d kinds of %d names", len(p.Kind), len(p.Names))
	}
	lanes := make([]Lane, len(p.Names))
	for i, kind := range p.Kind {
		if kind < 0 || kind >= int64(len(p.Kinds)) {
			return nil, fmt.Errorf("kind: %d of %d", kind, len(p.Kinds))
		}
		lanes[i] = p.Kinds[kind]
		lanes[i].ID, lanes[i].Name = i, p.Names[i]
	}
	return lanes, nil
}

func packMarks(marks []Mark) (p packedMarks) {
	kinds := table[Mark]{rows: []Mark{}}
	var before int64
	for _, m := range marks {
		p.Lane = append(p.Lane, int64(m.Lane))
		p.End = append(p.End, m.At+m.Took-before)
		p.Took = append(p.Took, m.Took)
		p.FD = append(p.FD, int64(m.FD))
		p.Result = append(p.Result, int64(m.Result))
		p.Count = append(p.Count, int64(m.Count))
		p.Task = append(p.Task, int64(m.Task))
		before = m.At + m.Took
		m.Lane, m.At, m.Took, m.FD, m.Result, m.Count, m.Task = 0, 0, 0, 0, 0, 0, 0
		p.Kind = append(p.Kind, kinds.put(m))
	}
	p.Kinds = kinds.rows
	return p
}

func (p *packedMarks) unpack() ([]Mark, error) {
	for _, c := range []column{p.Lane, p.End, p.Took, p.FD, p.Result, p.Count, p.Task} {
		if len(c) != len(p.Kind) {
			return nil, fmt.Errorf("a column of %d beside one of %d", len(c), len(p.Kind))
		}
	}
	marks := make([]Mark, len(p.Kind))
	var end int64
	for i, kind := range p.Kind {
		if kind < 0 || kind >= int64(len(p.Kinds)) {
			return nil, fmt.Errorf("kind: %d of %d", kind, len(p.Kinds))
		}
		end += p.End[i] // what overflows is refused when it is checked
		m := p.Kinds[kind]
		m.Lane, m.At, m.Took, m.FD = int(p.Lane[i]), end-p.Took[i], p.Took[i], int(p.FD[i])
		m.Result, m.Count, m.Task = int(p.Result[i]), int(p.Count[i]), int(p.Task[i])
		marks[i] = m
	}
	return marks, nil
}

// A column is numbers in Base64 VLQ: digits of five bits, the lowest first, of which each but the last has the sixth
// bit set. The lowest bit of all is the sign.
type column []int64

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// valueOf is the value of each digit; of other characters, 255.
var valueOf = func() (values [256]byte) {
	for i := range values {
		values[i] = byte(strings.IndexByte(digits, byte(i)))
	}
	return values
}()

// MarshalText writes the digits.
func (c column) MarshalText() ([]byte, error) {
	text := make([]byte, 0, 2*len(c))
	for _, n := range c {
		if n == math.MinInt64 {
			return nil, fmt.Errorf("the number %d is out of range", n)
		}
		rest := uint64(max(n, -n)) << 1
		if n < 0 {
			rest |= 1
		}
		for ; rest >= 32; rest >>= 5 {
			text = append(text, digits[rest&31|32])
		}
		text = append(text, digits[rest])
	}
	return text, nil
}

// UnmarshalText reads them.
func (c *column) UnmarshalText(text []byte) error {
	length := 0
	for _, digit := range text {
		if valueOf[digit] < 32 {
			length++
		}
	}
	if length > maxLanes && length > maxMarks {
		return fmt.Errorf("%d numbers: there may be %d", length, max(maxLanes, maxMarks))
	}
	numbers := make(column, 0, length)
	var n uint64
	shift := 0
	for _, digit := range text {
		value := valueOf[digit]
		if value > 63 || shift > 60 {
			return fmt.Errorf("numbers: %.20q is no digit, or one too many", digit)
		}
		n |= uint64(value&31) << shift
		if shift += 5; value >= 32 {
			continue
		}
		number := int64(n >> 1)
		if n&1 == 1 {
			number = -number
		}
		numbers = append(numbers, number)
		n, shift = 0, 0
	}
	if shift > 0 {
		return fmt.Errorf("numbers: the last one has no end")
	}
	*c = numbers
	return nil
}
