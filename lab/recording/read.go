package recording

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"era/lab/visible"
)

const longest = 16 << 10 // bytes of a text in a recording; those of the book have some hundreds

// Read reads a recording. It comes in a file that anybody may send in, and becomes part of pages: one that is not as the lab
// makes them is refused with the name of the field.
func Read(data []byte) (*Recording, error) {
	r := new(Recording)
	if err := read(data, r); err != nil {
		return nil, err
	}
	if len(r.Tracks) != len(r.Result.Servers) {
		return nil, fmt.Errorf("%d tracks of %d servers", len(r.Tracks), len(r.Result.Servers))
	}
	for i, t := range r.Tracks {
		if err := t.check(); err != nil {
			return nil, fmt.Errorf("tracks[%d].%w", i, err)
		}
	}
	return r, nil
}

// ReadMatrix does the same for a matrix.
func ReadMatrix(data []byte) (*Matrix, error) {
	m := new(Matrix)
	if err := read(data, m); err != nil {
		return nil, err
	}
	for i, g := range m.Grids {
		if len(g.Cells) != len(g.Apps) || slices.ContainsFunc(g.Cells, func(row []Cell) bool { return len(row) != len(g.Servers) }) {
			return nil, fmt.Errorf("grids[%d].cells: not as many as %d applications on %d servers", i, len(g.Apps), len(g.Servers))
		}
	}
	return m, nil
}

func read(data []byte, into any) error {
	if err := json.Unmarshal(data, into); err != nil {
		return err
	}
	if field, err := texts(reflect.ValueOf(into).Elem()); err != nil {
		return fmt.Errorf("%s: %w", strings.TrimPrefix(field, "."), err)
	}
	return nil
}

// texts checks all texts, keys of maps included, and says where one is wrong. What a server says is spelt out by the lab, so
// that a character that acts on a terminal or a page was put there by hand.
func texts(v reflect.Value) (field string, err error) {
	switch v.Kind() {
	case reflect.String:
		return "", text(v.String())
	case reflect.Pointer:
		if !v.IsNil() {
			return texts(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			if field, err := texts(v.Index(i)); err != nil {
				return fmt.Sprintf("[%d]%s", i, field), err
			}
		}
	case reflect.Map:
		for key, value := range v.Seq2() {
			if err := text(key.String()); err != nil {
				return ", a key", err
			}
			if field, err := texts(value); err != nil {
				return fmt.Sprintf(".%s%s", key, field), err
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if field, err := texts(v.Field(i)); err != nil {
				return nameOf(v.Type().Field(i)) + field, err
			}
		}
	}
	return "", nil
}

// nameOf is what stands in JSON; the fields of a mark, which is an array there, have their own names.
func nameOf(f reflect.StructField) string {
	if f.Anonymous {
		return ""
	}
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return "." + cmp.Or(name, strings.ToLower(f.Name))
}

func text(s string) error {
	switch {
	case len(s) > longest:
		return fmt.Errorf("%d bytes of text: want %d at most", len(s), longest)
	case visible.Text(s) != s:
		return fmt.Errorf("a character that acts on terminals or pages: %.200s", visible.Text(s))
	}
	return nil
}

var kinds = []string{"thread", "coroutine", "task", "connection"}

// check checks what the track's parts say of each other.
func (t Track) check() error {
	for i, l := range t.Lanes {
		if l.ID != i || !slices.Contains(kinds, l.Kind) {
			return fmt.Errorf("lanes[%d]: id %d of kind %q: want id %d and one of %q", i, l.ID, l.Kind, i, kinds)
		}
	}
	for i, m := range t.Marks {
		switch {
		case m.Lane < 0 || m.Lane >= len(t.Lanes):
			return fmt.Errorf("marks[%d]: lane %d of %d", i, m.Lane, len(t.Lanes))
		case m.Task < 0 || m.Task > len(t.Lanes):
			return fmt.Errorf("marks[%d]: task %d of %d lanes", i, m.Task, len(t.Lanes))
		case m.Site < -1 || m.Site >= len(t.Sites):
			return fmt.Errorf("marks[%d]: site %d of %d", i, m.Site, len(t.Sites))
		case m.At < 0 || m.Took < 0:
			return fmt.Errorf("marks[%d]: it begins at %d and took %d", i, m.At, m.Took)
		}
	}
	return nil
}
