// Package simulated builds the book's Go servers for the simulated kernel, and runs them there.
package simulated

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// Program is a compiled server, of which many instances can run.
type Program struct {
	runtime wazero.Runtime
	module  wazero.CompiledModule
}

// Load compiles a module.
func Load(ctx context.Context, code []byte) (*Program, error) {
	r := wazero.NewRuntime(ctx)
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, r); err != nil {
		return nil, err
	}
	m, err := r.CompileModule(ctx, code)
	if err != nil {
		return nil, fmt.Errorf("compile the module: %w", err)
	}
	return &Program{r, m}, nil
}

// Close frees the program and its instances.
func (p *Program) Close(ctx context.Context) error { return p.runtime.Close(ctx) }

// Instance is one run of a program.
type Instance struct {
	ctx    context.Context
	module api.Module
	output strings.Builder
	inbox  uint32
	Ended  error // why the program has ended: what it said, and its exit status
}

// the same for every run, so that what Go takes at random is the same.
type sevens struct{}

func (sevens) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 7
	}
	return len(p), nil
}

// Start begins a run: script are the lines that configure takes.
func (p *Program) Start(ctx context.Context, script string, args ...string) (*Instance, error) {
	i := &Instance{ctx: ctx}
	var clock uint32 // known once the module is there
	reading := func() int64 {
		if clock == 0 {
			return 1
		}
		now, _ := i.module.Memory().ReadUint64Le(clock)
		now += 1000 // reading it takes a microsecond
		i.module.Memory().WriteUint64Le(clock, now)
		return int64(now)
	}
	config := wazero.NewModuleConfig().WithName("").WithArgs(append([]string{"server"}, args...)...).
		WithStdout(&i.output).WithStderr(&i.output).WithRandSource(sevens{}).
		WithNanotime(reading, 1).WithWalltime(func() (int64, int32) { return 1_700_000_000, 0 }, 1).
		WithStartFunctions("_initialize")
	m, err := p.runtime.InstantiateModule(ctx, p.module, config)
	if err != nil {
		return nil, fmt.Errorf("start the module: %w", err)
	}
	i.module = m
	i.inbox = uint32(i.call("inbox"))
	clock = uint32(i.call("clock"))
	i.call("configure", i.put(script))
	i.call("start")
	i.call("settle")
	return i, nil
}

// call calls a function of the module. If the program ends meanwhile, Ended says so.
func (i *Instance) call(name string, args ...uint64) uint64 {
	if i.Ended != nil {
		return 0
	}
	result, err := i.module.ExportedFunction(name).Call(i.ctx, args...)
	if err != nil {
		i.Ended = fmt.Errorf("%w: %s", err, strings.TrimSpace(i.output.String()))
		return 0
	}
	if len(result) == 0 {
		return 0
	}
	return result[0]
}

func (i *Instance) put(text string) uint64 {
	i.module.Memory().WriteString(i.inbox, text)
	return uint64(len(text))
}

func (i *Instance) text(name string) string {
	where := i.call(name)
	b, _ := i.module.Memory().Read(uint32(where>>32), uint32(where))
	return string(b)
}

// Choice is a choice with its words.
type Choice struct{ Take, Text string }

// Choices lists what may happen next.
func (i *Instance) Choices() (all []Choice) {
	for line := range strings.Lines(i.text("choices")) {
		take, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		all = append(all, Choice{take, text})
	}
	return all
}

// Next is the choice of a calm machine; empty when nothing can happen any more.
func (i *Instance) Next() string { return i.text("next") }

// Take makes a choice, and returns what it did.
func (i *Instance) Take(choice string) (string, error) {
	if i.call("take", i.put(choice)) == 0 {
		if i.Ended != nil {
			return "", i.Ended
		}
		return "", fmt.Errorf("there is no choice %q", choice)
	}
	return i.text("said"), nil
}

// Wander takes up to most random choices, which the seed decides, and returns the property at its first breach.
func (i *Instance) Wander(seed uint64, most int, p Property) Property {
	return Property(i.call("wander", seed, uint64(most), uint64(p)))
}

// Calm goes on as a calm machine would, for up to most choices, and returns the property at its first breach.
func (i *Instance) Calm(most int, p Property) Property {
	return Property(i.call("calm", uint64(most), uint64(p)))
}

// Follow takes the choices of a list, without those that there are not, and returns the property at its first breach.
func (i *Instance) Follow(list string, p Property) Property {
	return Property(i.call("follow", i.put(list), uint64(p)))
}

// Taken is the list of the choices so far, with spaces between.
func (i *Instance) Taken() string { return i.text("taken") }

// State is all that a view shows, as JSON.
func (i *Instance) State() string { return i.text("state") }

// Client is how a client fares.
type Client struct {
	Name     string   `json:"name"`
	Want     int      `json:"want"` // replies
	Answered int      `json:"answered"`
	Ended    bool     `json:"ended"`
	Failed   string   `json:"failed,omitempty"`
	Replies  []string `json:"replies"`
}

// Clients tells how each client fares.
func (i *Instance) Clients() (all []Client) {
	for line := range strings.Lines(i.text("clients")) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		c := Client{Name: fields[0], Ended: fields[3] == "true", Failed: fields[4]}
		c.Want, _ = strconv.Atoi(fields[1])
		c.Answered, _ = strconv.Atoi(fields[2])
		for _, quoted := range fields[5:] {
			reply, _ := strconv.Unquote(quoted)
			c.Replies = append(c.Replies, reply)
		}
		all = append(all, c)
	}
	return all
}

// Over says why the program has ended; empty while it runs.
func (i *Instance) Over() string { return i.text("over") }

// Files counts the program's open descriptors.
func (i *Instance) Files() int { return int(i.call("files")) }

// Threads lists the program's threads: number, call and source line, with tabs between.
func (i *Instance) Threads() string { return i.text("threads") }

// Output is what the program has printed.
func (i *Instance) Output() string { return i.output.String() }

// Snapshot is the whole state of a run: the module's memory.
func (i *Instance) Snapshot() []byte {
	memory, _ := i.module.Memory().Read(0, i.module.Memory().Size())
	return append([]byte(nil), memory...)
}

// Restore goes back to a snapshot of the same instance. Output begins anew.
func (i *Instance) Restore(snapshot []byte) {
	i.output.Reset()
	m := i.module.Memory()
	m.Write(0, snapshot)
	if rest := int(m.Size()) - len(snapshot); rest > 0 { // it has grown since
		m.Write(uint32(len(snapshot)), make([]byte, rest))
	}
}
