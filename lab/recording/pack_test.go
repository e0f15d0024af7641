package recording

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestColumns(t *testing.T) {
	for text, numbers := range map[string]column{ // as ECMA-426 has them
		"":          {},
		"A":         {0},
		"C":         {1},
		"D":         {-1},
		"gB":        {16},
		"hB":        {-16},
		"AgggggggB": {0, 1 << 34},
	} {
		got, err := numbers.MarshalText()
		if err != nil || string(got) != text {
			t.Errorf("%v: %q, %v, want %q", numbers, got, err, text)
		}
	}
	all := column{math.MaxInt64, -math.MaxInt64, 1 << 62, -1 << 62, maxNumber}
	for n := int64(-3000); n < 3000; n += 7 {
		all = append(all, n, n<<20, n<<40)
	}
	text, err := all.MarshalText()
	var again column
	if err == nil {
		err = again.UnmarshalText(text)
	}
	if err != nil || !slices.Equal(all, again) {
		t.Errorf("numbers change: %v", err)
	}
	if _, err := (column{math.MinInt64}).MarshalText(); err == nil {
		t.Error("a number without a positive twin is written")
	}
}

// fill puts a number of its own, or a text of it, into every field.
func fill(v reflect.Value, n *int64) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(strings.Repeat("x", int(*n%20)) + "y")
	case reflect.Int, reflect.Int64:
		v.SetInt(*n)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	}
	*n++
}

// Nothing of a lane or a mark is lost, whatever fields they will have.
func TestEveryFieldIsKept(t *testing.T) {
	n := int64(1)
	r := Recording{Tracks: []Track{{Told: 5, Sites: []Site{{"a", 1}}}, {Lanes: []Lane{}, Marks: []Mark{}}}}
	for i := range 40 {
		var l Lane
		var m Mark
		fill(reflect.ValueOf(&l).Elem(), &n)
		fill(reflect.ValueOf(&m).Elem(), &n)
		l.ID, m.State = i, Looks[i%len(Looks)].State
		m.Task *= i % 2 // often, there is none
		r.Tracks[0].Lanes = append(r.Tracks[0].Lanes, l)
		r.Tracks[0].Marks = append(r.Tracks[0].Marks, m)
	}
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var again Recording
	if err := json.Unmarshal(data, &again); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(r, again) {
		t.Errorf("read:\n%+v\nwritten:\n%+v", again, r)
	}
}

// damaged are recordings whose columns the lab cannot have written.
var damaged = map[string][2]string{
	"another digit":      {`"kind":"A"`, `"kind":"!"`},
	"no end":             {`"took":"89B"`, `"took":"g"`},
	"a number too large": {`"fd":"D"`, `"fd":"gggggggggggggggA"`},
	"a column cut off":   {`"result":"A"`, `"result":""`},
	"no such kind":       {`[[0,0,0,"blocked","read",0,0,"",0,0]]`, `[]`},
	"a kind before":      {`"kind":"A","lane"`, `"kind":"D","lane"`},
	"names and no kinds": {`"kind":"A","names"`, `"kind":"","names"`},
	"no kind of lane":    {`"kind":"A","names"`, `"kind":"C","names"`},
	"an unknown state":   {`"blocked"`, `"unheard"`},
	"too many":           {`"kind":"A","names"`, `"kind":"` + strings.Repeat("A", maxMarks+1) + `","names"`},
}

func TestDamagedColumns(t *testing.T) {
	good, err := json.Marshal(small())
	if err != nil {
		t.Fatal(err)
	}
	for name, d := range damaged {
		bad := strings.Replace(string(good), d[0], d[1], 1)
		if bad == string(good) {
			t.Errorf("%s: %s is not in %s", name, d[0], good)
		}
		if _, err := Read([]byte(bad)); err == nil {
			t.Errorf("%s: it is read", name)
		}
	}
}

// FuzzRead: what is read can be written, and is then read as the same.
func FuzzRead(f *testing.F) {
	good, err := json.Marshal(small())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	for _, d := range damaged {
		f.Add([]byte(strings.Replace(string(good), d[0], d[1], 1)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Read(data)
		if err != nil {
			return
		}
		written, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Read(written)
		if err != nil || !reflect.DeepEqual(r, again) {
			t.Errorf("%v: read as\n%+v\nand then as\n%+v", err, r, again)
		}
	})
}
