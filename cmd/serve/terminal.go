package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"time"

	"era/site/guard"
)

// lookAgain is how often a serve in the background checks whether it has come to the foreground.
const lookAgain = time.Second

// readCommands reads what is typed into serve's terminal: above all the codes of pages that want to run experiments. It
// reads only while serve is in the foreground: other input is for the shell, and input that is not a terminal is not
// read.
func readCommands(g *guard.Guard, stdin *os.File, stdout io.Writer) {
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
			lines = bufio.NewScanner(stdin) // a read in the background, or a line without an end: start again
		}
		g.Typed(false)
		time.Sleep(lookAgain)
	}
}
