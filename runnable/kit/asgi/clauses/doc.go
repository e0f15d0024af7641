// Package clauses tests servers against the specification of ASGI: ours on both engines, ours in Python, and
// third-party servers where they are installed. The applications (apps_test.go, testdata/apps.py) are the same in Go
// and in Python, all tests use one client, and known differences are in differences_test.go.
//
//	go test -v ./runnable/kit/asgi/clauses
//
// ends with a table of clauses and servers.
package clauses
