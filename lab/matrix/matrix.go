// Package matrix runs every application of the book on every server, sends all of them the same requests, and compares
// the answers. A cell is a real program that was started for it, and stopped after it.
package matrix

import (
	"context"
	"fmt"
	"time"

	"era/catalogue"
	"era/lab/process"
	"era/lab/recording"
	"era/lab/traffic"
)

// Builder makes programs: a *process.Builder.
type Builder interface {
	Available(v catalogue.Variant) error
	Build(ctx context.Context, v catalogue.Variant) (process.Program, error)
}

// Place is the place of a cell: the number of its grid, its row and its column.
type Place struct {
	Grid   int `json:"grid"`
	Row    int `json:"row"`
	Column int `json:"column"`
}

// Run runs the matrix, cell by cell: in parallel they would take each other's time. watch, if not nil, is called for
// each cell when it is done. The error is that of ctx, or of this machine; a program that does not start or answers
// something else is a result.
func Run(ctx context.Context, b Builder, watch func(Place, recording.Cell)) (*recording.Matrix, error) {
	grids := catalogue.Matrix()
	m := empty(grids)
	backend, err := traffic.StartBackend()
	if err != nil {
		return nil, err
	}
	defer backend.Close()
	x := &run{builder: b, backend: backend}
	for i, g := range grids {
		for j, row := range g.Programs {
			for k, v := range row {
				cell := &m.Grids[i].Cells[j][k]
				x.cell(ctx, v, cell)
				if err := ctx.Err(); err != nil {
					return nil, err
				}
				if watch != nil {
					watch(Place{i, j, k}, *cell)
				}
			}
		}
	}
	return m, nil
}

// empty returns the matrix before its run.
func empty(grids []catalogue.Grid) *recording.Matrix {
	m := &recording.Matrix{}
	for _, q := range requests {
		m.Requests = append(m.Requests, q.name)
	}
	for _, g := range grids {
		grid := recording.Grid{Language: string(g.Language), Servers: sides(g.Servers), Apps: sides(g.Apps)}
		for i, row := range g.Programs {
			var cells []recording.Cell
			for j := range row {
				cells = append(cells, recording.Cell{Bridges: catalogue.Bridges(g.Apps[i].Contract, g.Servers[j].Contract)})
			}
			grid.Cells = append(grid.Cells, cells)
		}
		m.Grids = append(m.Grids, grid)
	}
	return m
}

func sides(of []catalogue.Side) (all []recording.Side) {
	for _, s := range of {
		all = append(all, recording.Side{Title: s.Title, Contract: string(s.Contract)})
	}
	return all
}

// run is one run of the matrix.
type run struct {
	builder Builder
	backend *traffic.Backend
	first   []answer // those of the first cell, with which the others are compared
}

// cell starts the program, sends it all requests, and stops it.
func (x *run) cell(ctx context.Context, v catalogue.Variant, cell *recording.Cell) {
	if err := x.builder.Available(v); err != nil {
		cell.Missing = err.Error()
		return
	}
	program, err := x.builder.Build(ctx, v)
	if err != nil {
		cell.Differs = []string{err.Error()}
		return
	}
	began := time.Now()
	p, err := process.Start(ctx, program, process.Options{Backend: x.backend.Addr})
	if err != nil {
		cell.Differs = []string{err.Error()}
		return
	}
	defer p.Stop()
	x.backend.For(p.Holds)
	answers := make([]answer, len(requests))
	failed := false
	for i, q := range requests {
		if answers[i], err = ask(ctx, p.Addr, q); err != nil {
			cell.Differs, failed = append(cell.Differs, fmt.Sprintf("%s: %v", q.name, err)), true
			continue
		}
		if x.first == nil {
			continue
		}
		if difference := answers[i].differs(x.first[i]); difference != "" {
			cell.Differs = append(cell.Differs, q.name+": "+difference)
		}
	}
	cell.MS = float64(time.Since(began).Microseconds()) / 1000
	if failed {
		return
	}
	cell.SHA256 = digest(answers)
	if x.first == nil {
		x.first = answers
	}
}
