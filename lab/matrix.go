package lab

import (
	"context"
	"time"

	"era/catalogue"
	"era/lab/matrix"
	"era/lab/process"
	"era/lab/recording"
)

// Matrix runs every application on every server: see lab/matrix. It measures nothing, but would spoil the times of
// another process that does, so it also waits for its turn.
func (l *Lab) Matrix(ctx context.Context, watch func(matrix.Place, recording.Cell)) (*recording.Matrix, error) {
	defer l.Builder.Pause()()
	done, err := process.Turn(ctx, func() {})
	if err != nil {
		return nil, err
	}
	defer done()
	m, err := matrix.Run(ctx, l.Builder, watch)
	if err != nil {
		return nil, err
	}
	m.Made, m.Sources = time.Now().Format(time.DateOnly), map[string]string{}
	var programs []process.Program // one program of each grid
	for i, g := range catalogue.Matrix() {
		var program process.Program
		for j, row := range g.Programs {
			for k, v := range row {
				cell := m.Grids[i].Cells[j][k]
				if cell.Missing != "" {
					continue
				}
				if program.Argv == nil && cell.SHA256 != "" { // it could be built
					if program, err = l.Builder.Build(ctx, v); err != nil {
						return nil, err
					}
				}
			}
		}
		if program.Argv != nil {
			programs = append(programs, program)
		}
	}
	m.Machine = machine(ctx, programs)
	return m, nil
}
