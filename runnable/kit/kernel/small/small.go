// Package small holds, in the folders below, packages that a module of the simulated kernel has instead of large ones
// of Go's (lab/simulated). They have the same names and do the same, as far as the book's servers need it; its test
// compares them.
package small
