// Package clauses tests servers against the specification of WSGI (PEP 3333): our two in Go, ours in Python, and
// third-party servers where they are installed. The applications (apps_test.go, testdata/apps.py) are the same in Go
// and in Python, all tests use one client, and known differences are in differences_test.go. Requirements for our two
// servers only are tested with the same applications and client (threads_test.go, workers_test.go).
//
//	go test -v ./runnable/kit/wsgi/clauses
//
// ends with a table of clauses and servers.
package clauses
