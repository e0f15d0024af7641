package redis

import "strings"

// state is what commands have left behind on a connection: it changes what later ones mean, those of the next asker
// too.
type state struct {
	transaction bool // begun by WATCH or MULTI; EXEC, DISCARD and UNWATCH end it
	lasting     bool // another database, user or protocol, messages that come unasked, replies that do not
}

func (s state) clean() bool { return s == state{} }

// sent notes a command that is on its way. Whatever becomes of its reply, it may be carried out.
func (s *state) sent(command Command) {
	switch strings.ToUpper(command[0]) {
	case "WATCH", "MULTI":
		s.transaction = true
	case "SELECT", "AUTH", "HELLO", "RESET", "CLIENT", "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "MONITOR", "SYNC", "PSYNC",
		"REPLCONF", "READONLY", "READWRITE", "ASKING", "SCRIPT":
		s.lasting = true
	}
}

// answered notes the end of a transaction. One that is refused, or queued inside a transaction, ends none.
func (s *state) answered(command Command, reply Value) {
	switch strings.ToUpper(command[0]) {
	case "EXEC", "DISCARD", "UNWATCH":
		if reply.Kind != Failed && reply.Text != "QUEUED" {
			s.transaction = false
		}
	default:
		s.sent(command) // of several commands in one go, it may have come behind the end of the last transaction
	}
}
