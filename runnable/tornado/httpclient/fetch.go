package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"era/runnable/kit/aio"
	"era/runnable/kit/httpclient"
)

// urls returns the arguments, if the first of them is an address to fetch.
func urls(args []string) []string {
	if len(args) > 0 && strings.Contains(args[0], "://") {
		return args
	}
	return nil
}

// fetchAll requests all addresses at the same time and prints each reply as it arrives. It returns the program's
// status: 1 if one of the replies was not a 2xx.
func fetchAll(addresses []string) (status int) {
	err := aio.Run(func(t *aio.Task) error {
		client := httpclient.New(httpclient.Options{})
		defer client.Close()
		return aio.WithGroup(t, func(g *aio.Group) error {
			for _, address := range addresses {
				g.Go(func(t *aio.Task) error {
					if err := fetch(t, client, address); err != nil {
						fmt.Fprintln(os.Stderr, err)
						status = 1
					}
					return nil // a failure must not cancel the others
				})
			}
			return nil
		})
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return status
}

// fetch prints the status, the size and the time of one reply.
func fetch(t *aio.Task, client *httpclient.Client, address string) error {
	began := time.Now()
	response, err := client.Get(t, address, httpclient.FollowRedirects())
	if err != nil {
		return fmt.Errorf("%s: %w", address, err)
	}
	took := time.Since(began).Round(100 * time.Microsecond)
	fmt.Printf("%d  %7d bytes  %8v  %s\n", response.StatusCode, len(response.Body), took, response.URL)
	return response.RaiseForStatus()
}
