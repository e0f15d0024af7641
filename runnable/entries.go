// Package runnable holds the entries of the servers. The servers themselves are programs, in the folders below.
package runnable

import "embed"

// Entries are the files that describe the servers beside them to the catalogue.
//
//go:embed */server.yaml */*/server.yaml
var Entries embed.FS
