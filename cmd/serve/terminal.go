package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"time"

	"era/site/guard"
)

// lookAgain is how often a serve in the background looks whether it has come to the front.
const lookAgain = time.Second

// obey reads what is typed into serve's terminal: above all the codes that pages show which want to run experiments. It
// reads only while serve is in the foreground: what is typed else is for the shell, and input that is no terminal is left
// to whom it belongs.
func obey(g *guard.Guard, stdin *os.File, stdout io.Writer) {
	if !isTerminal(stdin) {
		return
	}
	ignoreStop()
	lines := bufio.NewScanner(stdin)
	for {
		if inFront(stdin) {
			g.Typed(true)
			if lines.Scan() {
				fmt.Fprint(stdout, g.Command(lines.Text()))
				continue
			}
			if lines.Err() == nil { // Ctrl-D: nothing more will be typed
				g.Typed(false)
				return
			}
			lines = bufio.NewScanner(stdin) // read in the background, or a line without end: begin anew
		}
		g.Typed(false)
		time.Sleep(lookAgain)
	}
}
