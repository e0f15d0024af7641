// Command told plays runs that the book tells on the simulated kernel, and finds those that are not as the book has
// them. It is a program of its own, which serve build starts when such a run or its server has changed: readers do not
// compile the interpreter of WebAssembly that it contains.
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"era/lab/simulated"
)

// run is what is read from standard input, a list of them.
type run struct {
	Module []byte // compressed with gzip
	Script string
	Args   []string
	Stops  []stop
	Shows  string // the property that the end breaches
}

// stop is where choices have led to a call.
type stop struct {
	Take []string
	Call string
}

// wrong is written for each run: the stop that is another, and why. Why is empty where nothing is wrong.
type wrong struct {
	Stop int
	Why  string
}

func main() {
	if err := play(context.Background(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "told:", err)
		os.Exit(1)
	}
}

func play(ctx context.Context, in io.Reader, out io.Writer) error {
	var runs []run
	if err := json.NewDecoder(in).Decode(&runs); err != nil {
		return err
	}
	programs := map[string]*simulated.Program{} // by module
	all := []wrong{}
	for _, r := range runs {
		p := programs[string(r.Module)]
		if p == nil {
			var err error
			if p, err = load(ctx, r.Module); err != nil {
				return err
			}
			defer p.Close(ctx)
			programs[string(r.Module)] = p
		}
		i, err := p.Start(ctx, r.Script, r.Args...)
		if err != nil {
			return err
		}
		all = append(all, r.on(i))
	}
	return json.NewEncoder(out).Encode(all)
}

func load(ctx context.Context, packed []byte) (*simulated.Program, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	code, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	return simulated.Load(ctx, code)
}

// on plays the run.
func (r run) on(i *simulated.Instance) wrong {
	n := 0
	for at, s := range r.Stops {
		for _, take := range s.Take {
			if _, err := i.Take(take); err != nil {
				why := fmt.Sprintf("the stop is not reached: choice %d, %s, cannot be taken (%v); there are:", n+1, take, err)
				for _, c := range i.Choices() {
					why += " " + c.Take
				}
				return wrong{at, why}
			}
			n++
		}
		var state struct{ Did string }
		if err := json.Unmarshal([]byte(i.State()), &state); err != nil {
			return wrong{at, err.Error()}
		}
		if state.Did != s.Call {
			return wrong{at, fmt.Sprintf("after %d choices it is %q, and not %q", n, state.Did, s.Call)}
		}
	}
	if r.Shows == "" {
		return wrong{}
	}
	property, err := simulated.ParseProperty(r.Shows)
	if err == nil && i.Calm(patience, property) != property {
		err = fmt.Errorf("what follows the last stop does not show %q", r.Shows)
	}
	if err != nil {
		return wrong{len(r.Stops) - 1, err.Error()}
	}
	return wrong{}
}

// patience is how many choices of a calm machine may follow the last stop.
const patience = 3000
