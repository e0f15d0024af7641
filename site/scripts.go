package site

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"

	"era/chapters"
	"era/lab/recording"
)

// Recordings and sources are scripts and not data, because a page that was opened from disk may load only those.

// recordingScript hands a recorded run to the viewer.
func (e *edition) recordingScript(lab *chapters.Lab) ([]byte, error) {
	data, err := fs.ReadFile(e.root, lab.Recording())
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	name, _ := json.Marshal(lab.Name) // a string: cannot fail
	fmt.Fprintf(&b, "era.recording(%s,", name)
	if err := json.Compact(&b, data); err != nil {
		return nil, fmt.Errorf("%s: %w", lab.Recording(), err)
	}
	b.WriteString(")\n")
	return b.Bytes(), nil
}

// sourceScript hands a file to the viewer: lines of [class, text].
func (e *edition) sourceScript(name string) ([]byte, error) {
	text, err := fs.ReadFile(e.root, name)
	if err != nil {
		return nil, err
	}
	highlighted, err := highlight(chapters.Language(name), string(text))
	if err != nil {
		return nil, err
	}
	lines := make([][][2]string, len(highlighted))
	for i, line := range highlighted {
		lines[i] = [][2]string{}
		for _, t := range line {
			lines[i] = append(lines[i], [2]string{t.class, t.text})
		}
	}
	data, err := json.Marshal(lines)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "era.source(%q,%s)\n", name, data), nil
}

// recorded is the lab's recorded run; nil when there is none.
func (e *edition) recorded(lab *chapters.Lab) (*recording.Recording, error) {
	data, err := fs.ReadFile(e.root, lab.Recording())
	if err != nil {
		return nil, nil // an honest empty state says so; `serve build` refuses
	}
	r, err := recording.Read(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", lab.Recording(), err)
	}
	return r, nil
}
