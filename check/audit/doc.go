// Package audit asks programs that know nothing of the book whether the book is right: strace whether a trace names
// each system call and no other, CPython, Node and the kernel whether the facts of the chapters hold. It also breaks
// copies of servers, as exercises do, and checks what happens.
package audit
