package recording

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"era/lab/visible"
)

const longest = 4 << 10 // bytes of a text in a recording; those of the book have some hundreds

// Read reads the JSON of an experiment. A recording is a file that anyone may send in, and becomes part of pages: for
// content that no lab can have written it returns an error that names the field.
func Read(data []byte) (*Recording, error) {
	r := new(Recording)
	if err := decode(data, r); err != nil {
		return nil, err
	}
	return r, r.Check()
}

// ReadMatrix reads the JSON of a matrix.
func ReadMatrix(data []byte) (*Matrix, error) {
	m := new(Matrix)
	if err := decode(data, m); err != nil {
		return nil, err
	}
	return m, m.Check()
}

func decode(data []byte, into any) error {
	if len(data) > MaxBytes {
		return fmt.Errorf("a recording of %d bytes: there may be %d", len(data), MaxBytes)
	}
	return json.Unmarshal(data, into)
}

// texts checks all texts but those of marks, keys of maps included, and says where one is wrong. What a server says is
// spelt out by the lab, so that a character that acts on a terminal or a page was put there by hand.
func texts(recorded any) error {
	if field, err := walk(reflect.ValueOf(recorded), func(v reflect.Value) error {
		if v.Kind() == reflect.String {
			return text(v.String())
		}
		return nil
	}); err != nil {
		return fmt.Errorf("%s: %w", strings.TrimPrefix(field, "."), err)
	}
	return nil
}

// walk checks all that a value holds but marks, keys of maps included.
func walk(v reflect.Value, check func(reflect.Value) error) (field string, err error) {
	if v.Type() == reflect.TypeFor[[]Mark]() {
		return "", nil // there are many: Track.check looks at them
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return walk(v.Elem(), check)
		}
	case reflect.Slice:
		for i := range v.Len() {
			if field, err := walk(v.Index(i), check); err != nil {
				return fmt.Sprintf("[%d]%s", i, field), err
			}
		}
	case reflect.Map:
		for key, value := range v.Seq2() {
			if err := check(key); err != nil {
				return ", a key", err
			}
			if field, err := walk(value, check); err != nil {
				return fmt.Sprintf(".%s%s", key, field), err
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if field, err := walk(v.Field(i), check); err != nil {
				return nameOf(v.Type().Field(i)) + field, err
			}
		}
	default:
		return "", check(v)
	}
	return "", nil
}

// nameOf returns a field's name in JSON; the fields of a mark, which is an array there, have their own names.
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
