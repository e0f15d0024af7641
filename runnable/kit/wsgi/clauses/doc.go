// Package clauses holds the specification of WSGI (PEP 3333) against servers: our two and ours in Python, and those that
// others wrote, where they are installed. The applications (apps_test.go, testdata/apps.py) are the same in Go and in
// Python, the client is one, and what a server does in another way stands in differences_test.go. What only our two
// must do is tested with the same applications and the same client (threads_test.go, workers_test.go).
//
//	go test -v ./runnable/kit/wsgi/clauses
//
// ends with a table of clauses and servers.
package clauses
