// Package runnable holds the entries of the servers. The servers themselves are programs, in the folders below.
package runnable

import "embed"

// Entries are the files that say what the catalogue must know of the servers beside them.
//
//go:embed */server.yaml */*/server.yaml
var Entries embed.FS
