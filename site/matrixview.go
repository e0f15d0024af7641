package site

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/a-h/templ"

	"era/chapters"
	"era/lab/recording"
)

// matrixView is the template's data of a matrix block.
type matrixView struct {
	*chapters.Matrix
	Rec *recording.Matrix // nil without a recorded run
}

func (v *view) matrix(m *chapters.Matrix) templ.Component {
	data, err := fs.ReadFile(v.e.root, m.Recording())
	if err != nil || v.brief {
		return matrixBlock(v, &matrixView{Matrix: m}) // an honest empty state says so; `serve build` refuses
	}
	rec, err := recording.ReadMatrix(data)
	if err != nil {
		return raw("", fmt.Errorf("%s: %w", m.Recording(), err))
	}
	return matrixBlock(v, &matrixView{m, rec})
}

// verdict is the result in one sentence.
func (m *matrixView) verdict() string {
	_, run := m.Rec.Same()
	return fmt.Sprintf("%d programs were started and asked %d things each. %s", run, len(m.Rec.Requests), m.Rec.Summary())
}

// differences returns those of all cells, in words.
func (m *matrixView) differences() (all []string) {
	for _, g := range m.Rec.Grids {
		for i, row := range g.Cells {
			for j, c := range row {
				for _, difference := range c.Differs {
					all = append(all, fmt.Sprintf("%s on %s: %s", g.Apps[i].Title, g.Servers[j].Title, difference))
				}
			}
		}
	}
	return all
}

func (m *matrixView) made() string {
	return fmt.Sprintf("Recorded on %s, %s. Asked were: %s.", m.Rec.Machine, m.Rec.Made,
		strings.Join(m.Rec.Requests, ", "))
}
