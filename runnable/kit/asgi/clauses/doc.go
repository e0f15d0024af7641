// Package clauses holds the specification of ASGI against servers: ours on both engines and in Python, and those that
// others wrote, where they are installed. The applications (apps_test.go, testdata/apps.py) are the same in Go and in
// Python, the client is one, and what a server does in another way stands in differences_test.go.
//
//	go test -v ./runnable/kit/asgi/clauses
//
// ends with a table of clauses and servers.
package clauses
