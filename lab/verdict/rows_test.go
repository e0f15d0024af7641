package verdict

import "era/lab/recording"

type (
	server   = recording.Server
	observed = recording.Observed
	group    = recording.ObservedGroup
	backend  = recording.ObservedBackend
	held     = recording.Held
	traced   = recording.Traced
	ending   = recording.Told
	counts   = map[string]int
)

var (
	inRead = &recording.Stuck{Call: "read", FD: 7, TookMS: 1999.6,
		Site: &recording.Site{File: "runnable/kit/job/handle.go", Line: 93}}
	inJoin = &recording.Stuck{Call: "futex", FD: -1, TookMS: 50}
	brief  = &recording.Stuck{Call: "read", FD: 7, TookMS: 49}
)

func clients(n int) group { return group{Clients: n} }

func failing(n int, reasons map[string]int) group {
	return group{Clients: n, Reasons: reasons}
}

// rows has the verdict for each way in which a run can end.
var rows = []row{
	// Sentences of all scenarios.
	{
		scenario: "one-slow",
		server:   server{Exit: "panic: index out of range [65]."},
		seen:     observed{Accepted: 1021, Stuck: inRead},
		groups: map[string]of{
			"fast": {
				answered:      3,
				failed:        17,
				ObservedGroup: failing(20, counts{"reset by the server": 9, "gave up waiting": 8}),
			},
		},
		want: "server ended after 1,021 connections: panic: index out of range [65]. server answered 3 of 20 " +
			"fast clients: reset by the server.",
	},
	{
		scenario: "one-slow",
		server: server{
			Exit:     "signal: killed",
			Traced:   traced{Why: "no C compiler"},
			Syscalls: map[string]int64{"select": 9},
		},
		seen: observed{Accepted: 1000},
		groups: map[string]of{
			"fast": {answered: 19, failed: 1, ObservedGroup: failing(20, counts{"gave up waiting": 1})},
		},
		want: "server ended: signal: killed. A set of select has room for the descriptors up to 1,023 " +
			"(FD_SETSIZE), and the next connection had a higher one. server answered 19 of 20 fast clients: " +
			"gave up waiting.",
	},
	{
		scenario: "one-slow",
		server:   server{ID: "select", Language: "python", Elsewhere: 6, Syscalls: map[string]int64{"poll": 1}},
		seen: observed{
			Doubt:   "it has a read of thread 0, and no thread has that number",
			Backend: backend{Foreign: 1, Over: 3},
		},
		groups: map[string]of{"fast": {answered: 20, most: 0.9, ObservedGroup: clients(20)}},
		want: "select in Python answered 20 of 20 fast clients while the slow one was silent; the longest any of " +
			"them waited was 900 µs. One thread did it, which called poll once. Its trace is not believable: " +
			"it has a read of thread 0, and no thread has that number. What is said here is what its clients " +
			"saw. 2 connections came to it from outside the experiment, and took some of its time, and its " +
			"backend turned away 1 connection from outside the experiment, and its backend turned away 3 " +
			"connections, since it had as many as it may have.",
	},
	{
		scenario: "one-slow",
		server:   server{Elsewhere: 1},
		seen:     observed{Lost: 1200},
		groups:   map[string]of{"fast": {answered: 1, most: 2001, ObservedGroup: clients(1)}},
		want: "server answered 1 of 1 fast client while the slow one was silent; the longest any of them " +
			"waited was 2.0 s. Its picture is full and not complete: the last 1,200 events of its trace are not in " +
			"it. 1 connection came to it from outside the experiment, and took some of its time.",
	},
	{
		scenario: "one-slow",
		seen:     observed{Lost: 1},
		groups:   map[string]of{"fast": {answered: 1, most: 3, ObservedGroup: clients(1)}},
		want: "server answered 1 of 1 fast client while the slow one was silent; the longest any of them waited " +
			"was 3.0 ms. Its picture is full and not complete: the last event of its trace is not in it.",
	},
	{
		scenario: "one-slow",
		server:   server{Again: 60, CPUMS: 1100},
		seen:     observed{Stuck: inRead},
		groups:   map[string]of{"fast": {failed: 20, ObservedGroup: clients(20)}},
		want: "server answered 0 of 20 fast clients: it sat in read(fd 7) for 2.0 s " +
			"(runnable/kit/job/handle.go:93). Its calls returned EAGAIN 60 times, and it used 1.1 s of CPU " +
			"time.",
	},
	{
		scenario: "one-slow",
		server:   server{Again: 120_000, CPUMS: 1980},
		groups:   map[string]of{"fast": {answered: 20, most: 3, ObservedGroup: clients(20)}},
		want: "server answered 20 of 20 fast clients while the slow one was silent; the longest any of them " +
			"waited was 3.0 ms. Its calls returned EAGAIN 120,000 times, that is 6,000 for each reply, and " +
			"it used 2.0 s of CPU time.",
	},
	{
		scenario: "one-slow",
		seen:     observed{Serving: 3, Threads: 22},
		groups:   map[string]of{"fast": {answered: 20, most: 3, ObservedGroup: clients(20)}},
		want: "server answered 20 of 20 fast clients while the slow one was silent; the longest any of them " +
			"waited was 3.0 ms. It served them on up to 22 threads at once.",
	},
	{
		scenario: "one-slow",
		seen:     observed{Stuck: inJoin},
		groups:   map[string]of{"fast": {answered: 19, failed: 1, ObservedGroup: clients(20)}},
		want:     "server answered 19 of 20 fast clients: it sat in futex() for 50 ms.",
	},
	{
		scenario: "one-slow",
		seen:     observed{Stuck: brief},
		groups: map[string]of{
			"fast": {
				answered:      18,
				failed:        4,
				ObservedGroup: failing(20, counts{"a": 1, "b": 1, "c": 1, "d": 1}),
			},
		},
		want: "server answered 18 of 20 fast clients.",
	},

	// lab/scenario/all.go
	{
		scenario: "slow-reader",
		groups:   map[string]of{"fast": {answered: 20, most: 41, ObservedGroup: clients(20)}},
		want: "server answered 20 of 20 fast clients while the other did not read; the longest any of them " +
			"waited was 41 ms.",
	},
	{
		scenario: "crowd",
		groups:   map[string]of{"crowd": {failed: 5, ObservedGroup: failing(5, counts{"connection refused": 5})}},
		want:     "server answered 0 of 5 clients: connection refused.",
	},
	{
		scenario: "crowd",
		groups:   map[string]of{"crowd": {answered: 1, ObservedGroup: group{Clients: 1, TookMS: 51}}},
		want:     "server answered 1 of 1 client in 51 ms, from the first request to the last reply.",
	},
	{
		scenario: "crowd", settings: "delay=20ms",
		seen:   observed{Backend: backend{AtOnce: 1}},
		groups: map[string]of{"crowd": {answered: 8, ObservedGroup: group{Clients: 8, TookMS: 171}}},
		want: "server answered 8 of 8 clients in 171 ms, from the first request to the last reply: the backend " +
			"never had more than one question at a time, and 8 answers of 20 ms in a row make 160 ms.",
	},
	{
		scenario: "crowd",
		seen:     observed{Backend: backend{AtOnce: 8}},
		groups:   map[string]of{"crowd": {answered: 8, ObservedGroup: group{Clients: 8, TookMS: 62.5}}},
		want: "server answered 8 of 8 clients in 62 ms, from the first request to the last reply: the backend " +
			"had up to 8 questions at once, and one answer takes 50 ms.",
	},
	{
		scenario: "trickle",
		server:   server{Syscalls: map[string]int64{"read": 1}},
		groups: map[string]of{
			"trickle": {failed: 10, ObservedGroup: failing(10, counts{"gave up waiting": 10})},
			"fast":    {answered: 5, most: 190, ObservedGroup: clients(5)},
		},
		want: "server answered 0 of 10 trickling clients: gave up waiting. It answered 5 of 5 fast clients; " +
			"the longest wait for a reply was 190 ms. It called read once for 5 requests.",
	},
	{
		scenario: "trickle", settings: "fast=0",
		server: server{Syscalls: map[string]int64{"read": 190, "epoll_wait": 2}},
		groups: map[string]of{"trickle": {answered: 10, most: 191, ObservedGroup: clients(10)}},
		want: "server answered 10 of 10 trickling clients; the longest wait for a reply was 191 ms. It called " +
			"read 190 times for 10 requests. One thread did it, which called epoll_wait twice.",
	},
	{
		scenario: "reset",
		seen:     observed{HangUps: counts{"EPIPE": 1, "ECONNRESET": 12}},
		groups: map[string]of{
			"polite": {answered: 20, most: 1.5, ObservedGroup: clients(20)},
			"reset":  {ObservedGroup: clients(10)},
		},
		want: "server answered 20 of 20 polite clients; the longest wait for a reply was 1.5 ms. 10 other " +
			"clients reset their connections and it survived: its calls met ECONNRESET 12 times, EPIPE once.",
	},
	{
		scenario: "reset",
		server:   server{Exit: "exit status 1"},
		groups: map[string]of{
			"polite": {answered: 2, failed: 18, ObservedGroup: failing(20, counts{"connection refused": 18})},
			"reset":  {ObservedGroup: clients(1)},
		},
		want: "server ended after 0 connections: exit status 1. server answered 2 of 20 polite clients: " +
			"connection refused. 1 other client reset its connection.",
	},
	{
		scenario: "fd-setsize",
		server:   server{Exit: "panic: too many", Syscalls: map[string]int64{"select": 900}},
		seen:     observed{Accepted: 1021},
		want: "server ended after 1,021 connections: panic: too many. A set of select has room for the " +
			"descriptors up to 1,023 (FD_SETSIZE), and the next connection had a higher one.",
	},
	{
		scenario: "fd-setsize",
		server:   server{Syscalls: map[string]int64{"select": 900}},
		groups: map[string]of{
			"active": {
				failed:        10,
				ObservedGroup: failing(10, counts{"closed by the server before the reply was complete": 10}),
			},
			"idle": {ObservedGroup: clients(1100)},
		},
		want: "server answered 0 of 10 clients that came after 1,100 connections had been opened: closed by " +
			"the server before the reply was complete. One thread did it, which called select 900 times.",
	},
	{
		scenario: "fd-setsize",
		groups: map[string]of{
			"active": {answered: 10, most: 2, ObservedGroup: clients(10)},
			"idle":   {ObservedGroup: clients(1100)},
		},
		want: "server answered 10 of 10 clients that came after 1,100 connections had been opened; the longest " +
			"wait was 2.0 ms.",
	},
	{
		scenario: "c10k",
		server:   server{Exit: "exit status 2"},
		want:     "server ended after 0 connections: exit status 2.",
	},
	{
		scenario: "c10k",
		server:   server{RSSKBStart: 5000, RSSKBMax: 5000},
		seen:     observed{Stuck: inRead},
		groups: map[string]of{
			"active": {failed: 100, ObservedGroup: clients(10)},
			"idle":   {ObservedGroup: clients(900)},
		},
		want: "server answered 0 of 100 questions beside 900 silent connections: it sat in read(fd 7) for 2.0 " +
			"s (runnable/kit/job/handle.go:93).",
	},
	{
		scenario: "c10k",
		server:   server{Syscalls: map[string]int64{"poll": 1000}, CPUMS: 4.2, RSSKBStart: 5000, RSSKBMax: 11000},
		seen:     observed{Accepted: 910},
		groups: map[string]of{
			"active": {answered: 100, p50: 1.2, most: 4, ObservedGroup: clients(10)},
			"idle":   {ObservedGroup: clients(900)},
		},
		want: "server answered 100 of 100 questions beside 900 silent connections; half of them waited less " +
			"than 1.2 ms, the unluckiest 4.0 ms. It called poll 1,000 times and handed it the whole list " +
			"each time, up to 911 descriptors, with 42 µs of CPU time for each reply. Its memory grew by 6.6 " +
			"KB for each of 910 connections.",
	},
	{
		scenario: "c10k",
		server:   server{Syscalls: map[string]int64{"epoll_wait": 1200, "epoll_ctl": 2000}, CPUMS: 10},
		groups: map[string]of{
			"active": {answered: 100, p50: 1.2, most: 4, ObservedGroup: clients(10)},
			"idle":   {ObservedGroup: clients(900)},
		},
		want: "server answered 100 of 100 questions beside 900 silent connections; half of them waited less " +
			"than 1.2 ms, the unluckiest 4.0 ms. It called epoll_wait 1,200 times and handed it no list, and " +
			"told the kernel 2,000 times what to watch, with 100 µs of CPU time for each reply.",
	},
	{
		scenario: "c10k",
		server:   server{Syscalls: map[string]int64{"kevent": 2}, CPUMS: 10},
		groups: map[string]of{
			"active": {answered: 100, p50: 1.2, most: 4, ObservedGroup: clients(10)},
			"idle":   {ObservedGroup: clients(1)},
		},
		want: "server answered 100 of 100 questions beside 1 silent connection; half of them waited less than " +
			"1.2 ms, the unluckiest 4.0 ms. It called kevent twice and handed it no list, with 100 µs of CPU " +
			"time for each reply.",
	},
	{
		scenario: "c10k",
		seen:     observed{Serving: 12, Threads: 12},
		groups: map[string]of{
			"active": {answered: 100, p50: 1.2, most: 4, ObservedGroup: clients(10)},
			"idle":   {ObservedGroup: clients(90)},
		},
		want: "server answered 100 of 100 questions beside 90 silent connections; half of them waited less " +
			"than 1.2 ms, the unluckiest 4.0 ms. It served them on up to 12 threads at once.",
	},

	// lab/scenario/busy.go
	{
		scenario: "cpu-hog", settings: "ms=1s",
		seen:   observed{GapMS: 990},
		groups: map[string]of{"fast": {answered: 1, failed: 19, ObservedGroup: clients(20)}},
		want: "server answered 1 of 20 fast clients while one request computed for 1.0 s: for 990 ms its " +
			"thread made no call at all, and looked at no other connection.",
	},
	{
		scenario: "cpu-hog", settings: "ms=1s",
		seen:   observed{GapMS: 400},
		groups: map[string]of{"fast": {answered: 1, failed: 19, ObservedGroup: clients(20)}},
		want:   "server answered 1 of 20 fast clients while one request computed for 1.0 s.",
	},
	{
		scenario: "cpu-hog", settings: "ms=1s",
		groups: map[string]of{"fast": {answered: 20, most: 12, ObservedGroup: clients(20)}},
		want: "server answered 20 of 20 fast clients while one request computed for 1.0 s; the longest any of " +
			"them waited was 12 ms.",
	},
	{
		scenario: "storm",
		seen:     observed{Retried: 3, ConnectMS: 1040},
		groups:   map[string]of{"storm": {answered: 400, p50: 20, most: 1100, ObservedGroup: clients(400)}},
		want: "server answered 400 of 400 clients that came at once; half of them waited less than 20 ms, the " +
			"unluckiest 1.1 s. 3 of them found the listen queue full, which holds 128: their SYN was " +
			"dropped, and the kernel sends it again after 1 s; the last was connected after 1.0 s.",
	},
	{
		scenario: "storm",
		seen:     observed{ConnectMS: 9},
		groups: map[string]of{
			"storm": {answered: 399, failed: 1, ObservedGroup: failing(400, counts{"reset by the server": 1})},
		},
		want: "server answered 399 of 400 clients that came at once: reset by the server. No client had to try " +
			"again: the last was connected after 9.0 ms.",
	},
	{
		scenario: "storm",
		server:   server{Exit: "exit status 1"},
		groups: map[string]of{
			"storm": {failed: 400, ObservedGroup: failing(400, counts{"connection refused": 400})},
		},
		want: "server ended after 0 connections: exit status 1. server answered 0 of 400 clients that came at " +
			"once: connection refused.",
	},

	// lab/scenario/mistakes.go
	{
		scenario: "blocking-call", settings: "delay=300ms",
		seen: observed{Stuck: inRead, Threads: 1, Serving: 1, Backend: backend{AtOnce: 1}},
		groups: map[string]of{
			"fast":   {answered: 20, most: 900, ObservedGroup: clients(20)},
			"asking": {answered: 3, ObservedGroup: clients(3)},
		},
		want: "server answered 20 of 20 fast clients while 3 others asked a backend that takes 300 ms; the " +
			"longest any of them waited was 900 ms: with all clients on its one thread, it sat in read(fd 7) " +
			"for 2.0 s (runnable/kit/job/handle.go:93). The backend never had more than one question at a " +
			"time.",
	},
	{
		scenario: "blocking-call", settings: "delay=300ms",
		seen: observed{Stuck: inRead, Threads: 4, Serving: 4, Backend: backend{AtOnce: 3}},
		groups: map[string]of{
			"fast":   {answered: 20, most: 3, ObservedGroup: clients(20)},
			"asking": {answered: 1, ObservedGroup: clients(1)},
		},
		want: "server answered 20 of 20 fast clients while 1 other asked a backend that takes 300 ms; the " +
			"longest any of them waited was 3.0 ms. The backend had up to 3 questions at once, from 3 " +
			"threads beside the loop's.",
	},
	{
		scenario: "forgotten-await", settings: "delay=50ms",
		seen: observed{Backend: backend{Asked: 8}},
		groups: map[string]of{
			"asking": {
				failed: 8,
				ObservedGroup: group{
					Clients:   8,
					Refused:   8,
					RefusedMS: 3,
					Reasons:   counts{`another body: ""`: 8},
				},
			},
		},
		want: "server replied to 8 of 8 clients, and 8 of the replies lack the backend's line: in its place " +
			"stands nothing. The longest wait was 3.0 ms, and the backend takes 50 ms. The backend was asked " +
			"8 times, and 8 answers reached no client.",
	},
	{
		scenario: "forgotten-await", settings: "delay=50ms",
		groups: map[string]of{
			"asking": {
				answered: 1,
				failed:   7,
				ObservedGroup: group{
					Clients:   8,
					Refused:   7,
					RefusedMS: 3,
					Reasons: counts{
						`another body: "<coroutine object ask at 0x7f"`: 7,
						"reset by the server":                           9,
					},
				},
			},
		},
		want: "server replied to 8 of 8 clients, and 7 of the replies lack the backend's line: in its place " +
			"stands \"<coroutine object ask at 0x7f\". The longest wait was 3.0 ms, and the backend takes 50 " +
			"ms. The backend was asked nothing.",
	},
	{
		scenario: "forgotten-await",
		groups:   map[string]of{"asking": {answered: 8, most: 55, ObservedGroup: clients(8)}},
		want:     "server answered 8 of 8 asking clients; the longest wait for a reply was 55 ms.",
	},
	{
		scenario: "edge-starvation", settings: "requests=400",
		groups: map[string]of{
			"polite": {
				answered:      20,
				most:          300,
				ObservedGroup: group{Clients: 20, Overtaken: recording.Overtaken{P50: 388, Max: 1390}},
			},
			"flood": {answered: 400},
			"long":  {answered: 1},
		},
		want: "server answered 20 of 20 polite clients beside a flood of 400 requests. Half of them waited for " +
			"at most 388 replies to others, the unluckiest for 1,390, in 300 ms. It answered all of the " +
			"flood, and the request of 6,000 bytes, which takes two reads.",
	},
	{
		scenario: "edge-starvation", settings: "requests=400",
		groups: map[string]of{
			"polite": {failed: 20, ObservedGroup: failing(20, counts{"gave up waiting": 20})},
			"flood":  {answered: 64, failed: 336},
		},
		want: "server answered 0 of 20 polite clients beside a flood of 400 requests. It answered 64 requests " +
			"of the flood and then no more, and never the one of 6,000 bytes, which takes two reads.",
	},
	{
		scenario: "slow-consumer",
		server:   server{Exit: "signal: killed", RSSKBStart: 5000, RSSKBMax: 900_000},
		want:     "server ended after 0 connections: signal: killed. Its memory went from 4.9 MB to 878.9 MB.",
	},
	{
		scenario: "slow-consumer", settings: "requests=100 pause=1s",
		server: server{RSSKBStart: 5000, RSSKBMax: 40_000},
		seen:   observed{Buffers: 3, Backend: backend{AskedUnread: 100}},
		groups: map[string]of{"consumer": {answered: 100, ObservedGroup: clients(1)}},
		want: "server was asked 100 times for 256KiB by a client that read nothing for 1.0 s. Meanwhile its " +
			"buffer passed the high-water mark, and it took all of the requests. Its memory went from 4.9 MB " +
			"to 39.1 MB.",
	},
	{
		scenario: "slow-consumer", settings: "requests=100 pause=1s",
		server: server{RSSKBStart: 5000, RSSKBMax: 6000},
		seen:   observed{Backend: backend{AskedUnread: 14}},
		groups: map[string]of{
			"consumer": {answered: 60, failed: 40, ObservedGroup: failing(1, counts{"gave up waiting": 40})},
		},
		want: "server was asked 100 times for 256KiB by a client that read nothing for 1.0 s. Meanwhile it " +
			"took 14 of the requests, and then no more. It answered 60: gave up waiting. Its memory went " +
			"from 4.9 MB to 5.9 MB.",
	},
	{
		scenario: "fan-out", settings: "delay=500ms",
		seen: observed{Backend: backend{Asked: 15}},
		groups: map[string]of{
			"asking": {failed: 5, ObservedGroup: group{Clients: 5, Refused: 5, RefusedMS: 12}},
		},
		want: "server told 5 of 5 clients that there is no answer, the last after 12 ms. Of 15 questions, 5 " +
			"failed, and 10 ran on to their answers, 500 ms later, which no request was waiting for.",
	},
	{
		scenario: "fan-out", settings: "delay=500ms",
		seen: observed{Backend: backend{Asked: 15, Abandoned: 10}},
		groups: map[string]of{
			"asking": {answered: 2, failed: 3, ObservedGroup: group{Clients: 5, Refused: 3, RefusedMS: 12}},
		},
		want: "server told 3 of 5 clients that there is no answer, the last after 12 ms, and answered 2. Of 15 " +
			"questions, 3 failed, and 2 ran on to their answers, 500 ms later, which no request was waiting for, " +
			"and 10 were called off: the backend saw their connections close.",
	},
	{
		scenario: "fan-out", settings: "delay=500ms",
		seen: observed{Backend: backend{Asked: 5, Abandoned: 1}},
		groups: map[string]of{
			"asking": {answered: 2, failed: 3, ObservedGroup: group{Clients: 5, Refused: 3, RefusedMS: 12}},
		},
		want: "server told 3 of 5 clients that there is no answer, the last after 12 ms, and answered 2. Of 5 " +
			"questions, 3 failed, and 1 ran on to its answer, 500 ms later, which no request was waiting for, " +
			"and 1 was called off: the backend saw its connection close.",
	},
	{
		scenario: "fan-out",
		groups:   map[string]of{"asking": {failed: 5, ObservedGroup: failing(5, counts{"gave up waiting": 5})}},
		want:     "server answered 0 of 5 clients: gave up waiting. Of 0 questions, 0 failed.",
	},
	{
		scenario: "swallowed-timeout",
		server:   server{ID: "swallowed-timeout", Language: "python"},
		seen:     observed{Backend: backend{Asked: 10, Abandoned: 5}},
		groups:   map[string]of{"asking": {answered: 5, ObservedGroup: group{Clients: 5, QuickestMS: 602}}},
		want: "Server with a swallowed timeout in Python answered 5 of 5 clients; none of them had an answer before 602 ms, " +
			"though it gives the backend 100 ms. It asked the backend 10 times, and hung up on it 5 times.",
	},
	{
		scenario: "swallowed-timeout",
		seen:     observed{Backend: backend{Asked: 5}},
		groups:   map[string]of{"asking": {answered: 5, ObservedGroup: group{Clients: 5, QuickestMS: 502}}},
		want: "server answered 5 of 5 clients; none of them had an answer before 502 ms. It asked the backend " +
			"5 times.",
	},

	// lab/scenario/gateway.go
	{
		scenario: "slow-clients",
		seen:     observed{Held: &held{Processes: 4, Clients: counts{"slow": 4}}},
		groups: map[string]of{
			"fast": {failed: 20, ObservedGroup: clients(20)},
			"slow": {answered: 4, ObservedGroup: clients(4)},
		},
		want: "server answered 0 of 20 fast clients while 4 slow ones typed. In the midst of that it held 4 " +
			"connections, in 4 processes, and not one of a fast client. It answered 4 of 4 slow ones in the " +
			"end.",
	},
	{
		scenario: "slow-clients",
		seen:     observed{Held: &held{Processes: 1, Clients: counts{"slow": 1, "fast": 2}}},
		groups: map[string]of{
			"fast": {answered: 3, failed: 17, ObservedGroup: clients(20)},
			"slow": {answered: 1, ObservedGroup: clients(1)},
		},
		want: "server answered 3 of 20 fast clients while 1 slow one typed. In the midst of that it held 3 " +
			"connections: 1 of slow clients, 2 of fast ones. It answered 1 of 1 slow one in the end.",
	},
	{
		scenario: "slow-clients",
		seen:     observed{Held: &held{Processes: 1, Clients: counts{"slow": 1}}},
		groups: map[string]of{
			"fast": {answered: 20, most: 4, ObservedGroup: clients(20)},
			"slow": {answered: 4, ObservedGroup: clients(4)},
		},
		want: "server answered 20 of 20 fast clients while 4 slow ones typed; the longest any of them waited " +
			"was 4.0 ms. It answered 4 of 4 slow ones in the end.",
	},
	{
		scenario: "missing-close",
		seen:     observed{Backend: backend{Open: 5}},
		groups: map[string]of{
			"polite":  {failed: 10, ObservedGroup: failing(10, counts{"status 503": 10})},
			"leavers": {ObservedGroup: clients(5)},
		},
		want: "server answered 0 of 10 polite clients: they met \"status 503\". 5 clients had left in the " +
			"middle of their rows, and at the end 5 connections to the database were still open, for no client.",
	},
	{
		scenario: "missing-close",
		seen:     observed{Backend: backend{Open: 1}},
		groups: map[string]of{
			"polite": {
				answered:      7,
				failed:        3,
				ObservedGroup: failing(10, counts{"status 503": 2, "gave up waiting": 1}),
			},
			"leavers": {ObservedGroup: clients(1)},
		},
		want: "server answered 7 of 10 polite clients; the others met \"status 503\" (twice), \"gave up " +
			"waiting\" (once). 1 client had left in the middle of its rows, and at the end 1 connection to " +
			"the database was still open, for no client.",
	},
	{
		scenario: "missing-close",
		groups: map[string]of{
			"polite":  {answered: 10, most: 4, ObservedGroup: clients(10)},
			"leavers": {ObservedGroup: clients(5)},
		},
		want: "server answered 10 of 10 polite clients; the longest wait was 4.0 ms. 5 clients had left in the " +
			"middle of their rows, and at the end no connection to the database was open.",
	},
	{
		scenario: "after-first-chunk", settings: "broken=3 whole=2",
		groups: map[string]of{
			"broken": {
				failed:        3,
				ObservedGroup: failing(3, counts{`another body: "half"`: 2, "reset by the server": 1}),
			},
			"whole": {answered: 2, ObservedGroup: clients(2)},
		},
		want: "server: of 3 clients whose rows broke off, 2 took the half for the whole, and 1 knew: it met " +
			"\"reset by the server\". It answered 2 of 2 others whose rows did not.",
	},
	{
		scenario: "after-first-chunk", settings: "broken=3 whole=0",
		groups: map[string]of{
			"broken": {failed: 3, ObservedGroup: failing(3, counts{`another body: "half"`: 3})},
		},
		want: "server: of 3 clients whose rows broke off, 3 took the half for the whole.",
	},
	{
		scenario: "shutdown",
		server:   server{Exit: "exit status 3"},
		seen:     observed{Accepted: 1},
		groups:   map[string]of{"newcomers": {answered: 2, ObservedGroup: clients(2)}},
		want:     "server ended after 1 connection: exit status 3. Of 2 clients afterwards, 2 had a reply.",
	},
	{
		scenario: "shutdown",
		server:   server{Told: &ending{TookMS: 3}, Exit: "signal: terminated"},
		groups: map[string]of{
			"in-flight": {
				failed:        20,
				ObservedGroup: failing(20, counts{"reset by the server": 19, "gave up waiting": 1}),
			},
			"newcomers": {failed: 10, ObservedGroup: failing(10, counts{"connection refused": 10})},
		},
		want: "server was told to end with 20 requests in flight, and answered none of them: their clients met " +
			"\"reset by the server\" (19 times), \"gave up waiting\" (once). It was gone after 3.0 ms: the " +
			"signal itself ended it (terminated). Later clients met \"connection refused\".",
	},
	{
		scenario: "shutdown",
		server:   server{Told: &ending{TookMS: 1203}, Exit: "exit status 0: bye."},
		groups: map[string]of{
			"in-flight": {answered: 20, ObservedGroup: clients(20)},
			"newcomers": {answered: 1, failed: 9, ObservedGroup: failing(10, counts{"connection refused": 9})},
		},
		want: "server was told to end with 20 requests in flight, and answered all of them. It ended by itself " +
			"after 1.2 s, with exit status 0. Of 10 clients afterwards, 1 had a reply; the others met " +
			"\"connection refused\".",
	},
	{
		scenario: "shutdown",
		server:   server{Told: &ending{}},
		groups:   map[string]of{"in-flight": {answered: 1, ObservedGroup: clients(1)}},
		want: "server was told to end with 1 request in flight, and answered it. It still ran when the last " +
			"client had left.",
	},
	{
		scenario: "shutdown",
		server:   server{Told: &ending{TookMS: 5}, Exit: "exit status 1: panic"},
		groups: map[string]of{
			"in-flight": {failed: 1, ObservedGroup: failing(1, counts{"reset by the server": 1})},
		},
		want: "server was told to end with 1 request in flight, and answered nothing: its client met \"reset " +
			"by the server\". It ended by itself after 5.0 ms, with exit status 1: panic.",
	},
	{
		scenario: "shutdown",
		server:   server{Told: &ending{TookMS: 5}, Exit: "exit status 0"},
		groups: map[string]of{
			"in-flight": {
				answered:      4,
				failed:        16,
				ObservedGroup: failing(20, counts{"reset by the server": 16}),
			},
		},
		want: "server was told to end with 20 requests in flight, and answered 4 of them; the others' clients " +
			"met \"reset by the server\". It ended by itself after 5.0 ms, with exit status 0.",
	},

	// lab/scenario/toolbox.go
	{
		scenario: "echo", settings: "pause=500ms",
		groups: map[string]of{
			"lines": {answered: 20, most: 3, ObservedGroup: clients(5)},
			"half":  {answered: 1},
		},
		want: "server sent back 20 of 20 lines while another client held half a line for 500 ms; the longest " +
			"wait for a line was 3.0 ms. The half line came back when it was whole.",
	},
	{
		scenario: "echo",
		seen:     observed{Stuck: inRead},
		groups:   map[string]of{"lines": {failed: 20, ObservedGroup: clients(5)}, "half": {failed: 1}},
		want: "server sent back 0 of 20 lines: it sat in read(fd 7) for 2.0 s (runnable/kit/job/handle.go:93). " +
			"The half line never came back.",
	},
	{
		scenario: "datagrams",
		server:   server{Syscalls: map[string]int64{"recvfrom": 13, "sendto": 12}, Again: 1},
		groups:   map[string]of{"burst": {answered: 11, failed: 4, ObservedGroup: failing(3, counts{"lost": 4})}},
		want: "11 of 15 datagrams came back from server; 4 were lost, without an error. On one socket, for " +
			"3 senders, it took 12 datagrams and sent 12; 3 never reached it, as the kernel's buffer of its " +
			"socket was full; 1 was lost, or too late, on the way back.",
	},
	{
		scenario: "datagrams",
		server:   server{Syscalls: map[string]int64{"recvfrom": 15, "sendto": 15}},
		groups:   map[string]of{"burst": {answered: 15, most: 2, ObservedGroup: clients(1)}},
		want: "15 of 15 datagrams came back from server; the longest was under way for 2.0 ms. On one socket, " +
			"for 1 sender, it took 15 datagrams and sent 15.",
	},
	{
		scenario: "datagrams",
		server:   server{Events: recording.Events{Dropped: 1}},
		groups:   map[string]of{"burst": {answered: 14, failed: 1, ObservedGroup: failing(3, counts{"lost": 1})}},
		want:     "14 of 15 datagrams came back from server; 1 was lost, without an error.",
	},
	{
		scenario: "datagrams",
		server:   server{Exit: "exit status 1"},
		groups: map[string]of{
			"burst": {failed: 15, ObservedGroup: failing(3, counts{"connection refused": 15})},
		},
		want: "server ended after 0 connections: exit status 1. 0 of 15 datagrams came back from server: " +
			"connection refused.",
	},
	{
		scenario: "mail", settings: "pause=500ms",
		groups: map[string]of{"quick": {answered: 4, most: 3, ObservedGroup: clients(4)}, "slow": {answered: 1}},
		want: "server took 4 of 4 quick mails while another client stopped in the middle of its own for 500 " +
			"ms; the longest wait between a mail's last dot and its acknowledgement was 3.0 ms. The " +
			"slow one's mail was taken as well.",
	},
	{
		scenario: "mail",
		seen:     observed{Stuck: inRead},
		groups:   map[string]of{"quick": {failed: 4, ObservedGroup: clients(4)}, "slow": {failed: 1}},
		want: "server took 0 of 4 quick mails: it sat in read(fd 7) for 2.0 s (runnable/kit/job/handle.go:93). " +
			"The slow one's mail was not taken.",
	},

	// lab/scenario/bodies.go
	{
		scenario: "stream",
		groups: map[string]of{
			"readers": {answered: 5, failed: 1, ObservedGroup: failing(6, counts{"reset by the server": 1})},
			"fast":    {answered: 20, most: 5, ObservedGroup: clients(20)},
		},
		want: "server brought 5 of 6 streams to their end: reset by the server. Meanwhile it answered 20 of 20 " +
			"fast clients, and the longest any of them waited was 5.0 ms.",
	},
	{
		scenario: "stream",
		seen:     observed{Stuck: inRead},
		groups: map[string]of{
			"readers": {
				answered: 6,
				most:     1850,
				ObservedGroup: group{
					Clients:      6,
					QuickestMS:   903,
					FirstBytesMS: []float64{2, 2.5, 3, 4, 904, 906},
				},
			},
			"fast": {failed: 20, ObservedGroup: failing(20, counts{"gave up waiting": 20})},
		},
		want: "server began 4 of 6 streams at once, within 4.0 ms; the last reader waited 906 ms for the first " +
			"byte; all were complete after 1.9 s. Meanwhile it answered 0 of 20 fast clients: they gave up " +
			"waiting, while it sat in read(fd 7) for 2.0 s (runnable/kit/job/handle.go:93).",
	},
	{
		scenario: "stream",
		groups: map[string]of{
			"readers": {
				answered:      2,
				most:          910,
				ObservedGroup: group{Clients: 2, QuickestMS: 903, FirstBytesMS: []float64{2, 2.5}},
			},
			"fast": {answered: 15, failed: 5, ObservedGroup: failing(20, counts{"gave up waiting": 5})},
		},
		want: "server began 2 of 2 streams at once, within 2.5 ms; all were complete after 910 ms. Meanwhile " +
			"it answered 15 of 20 fast clients; the others gave up waiting.",
	},
	{
		scenario: "stream",
		groups: map[string]of{
			"readers": {
				answered:      1,
				most:          910,
				ObservedGroup: group{Clients: 1, QuickestMS: 903, FirstBytesMS: []float64{900}},
			},
			"fast": {answered: 15, failed: 5, ObservedGroup: failing(20, counts{"reset by the server": 5})},
		},
		want: "server began 0 of 1 stream at once; the last reader waited 900 ms for the first byte; all were " +
			"complete after 910 ms. Meanwhile it answered 15 of 20 fast clients: reset by the server.",
	},
	{
		scenario: "upload", settings: "size=256KiB pieces=10",
		server: server{RSSKBStart: 5120, RSSKBMax: 6400},
		groups: map[string]of{
			"slow":  {answered: 4, ObservedGroup: clients(4)},
			"quick": {answered: 20, most: 5, ObservedGroup: clients(20)},
		},
		want: "server took 4 of 4 slow uploads of 256KiB, which came in 10 pieces, and gave the right sum for " +
			"each. Meanwhile it answered 20 of 20 quick clients, and the longest any of them waited was 5.0 " +
			"ms. Its memory went from 5.0 MB to 6.2 MB.",
	},
	{
		scenario: "upload", settings: "size=256KiB pieces=10",
		seen: observed{Stuck: inRead},
		groups: map[string]of{
			"slow":  {answered: 1, failed: 3, ObservedGroup: clients(4)},
			"quick": {failed: 20, ObservedGroup: clients(20)},
		},
		want: "server took 1 of 4 slow uploads of 256KiB, which came in 10 pieces: it sat in read(fd 7) for " +
			"2.0 s (runnable/kit/job/handle.go:93). Meanwhile it answered 0 of 20 quick clients: it sat in " +
			"read(fd 7) for 2.0 s (runnable/kit/job/handle.go:93). Its memory went from 0 bytes to 0 bytes.",
	},
	{
		scenario: "buffering",
		groups:   map[string]of{"readers": {failed: 3, ObservedGroup: failing(3, counts{"status 500": 3})}},
		want:     "server answered 0 of 3 readers: status 500.",
	},
	{
		scenario: "buffering", settings: "n=12 ms=150ms",
		groups: map[string]of{
			"readers": {answered: 3, first: 1655, p50: 1656, ObservedGroup: group{Clients: 3, Pieces: 1}},
		},
		want: "server was asked for replies of 12 pieces, a piece every 150ms: half of 3 readers had the first " +
			"byte after 1.7 s, and the last after 1.7 s; something came once, with all of it.",
	},
	{
		scenario: "buffering", settings: "n=12 ms=150ms",
		groups: map[string]of{
			"readers": {answered: 1, first: 2, p50: 1656, ObservedGroup: group{Clients: 1, Pieces: 12}},
		},
		want: "server was asked for replies of 12 pieces, a piece every 150ms: the one reader had the first " +
			"byte after 2.0 ms, and the last after 1.7 s; something came 12 times.",
	},
	{
		scenario: "stalled-reader", settings: "n=400 size=64KiB pause=1500ms",
		server: server{RSSKBStart: 9000, RSSKBMax: 36000},
		seen:   observed{Backend: backend{AskedUnread: 400}},
		groups: map[string]of{"stalled": {answered: 1, ObservedGroup: clients(1)}},
		want: "server was asked for 400 pieces of 64KiB by a client that read nothing for 1.5 s; meanwhile the " +
			"application fetched 400 of them. Its memory went from 8.8 MB to 35.2 MB.",
	},
	{
		scenario: "stalled-reader", settings: "n=400 size=64KiB pause=1500ms",
		seen:   observed{Backend: backend{AskedUnread: 40}},
		groups: map[string]of{"stalled": {failed: 1, ObservedGroup: failing(1, counts{"gave up waiting": 1})}},
		want: "server was asked for 400 pieces of 64KiB by a client that read nothing for 1.5 s; meanwhile the " +
			"application fetched 40 of them. The reply was never complete: gave up waiting. Its memory went " +
			"from 0 bytes to 0 bytes.",
	},

	// lab/scenario/rooms.go
	{
		scenario: "websocket",
		groups: map[string]of{
			"talkers":   {answered: 24, p50: 1.2, p99: 5, ObservedGroup: group{Clients: 4, Received: 96}},
			"listeners": {ObservedGroup: group{Clients: 5, Received: 120}},
		},
		want: "In the room of server, 9 members heard 216 of 216 messages, those of each talker in their " +
			"order; a message was back at its sender after 1.2 ms, 99 of 100 within 5.0 ms.",
	},
	{
		scenario: "websocket",
		groups: map[string]of{
			"talkers": {
				answered: 20,
				failed:   4,
				ObservedGroup: group{
					Clients:  4,
					Received: 80,
					Disorder: 2,
					Reasons:  counts{"gave up waiting": 4},
				},
			},
			"listeners": {ObservedGroup: group{Clients: 5, Received: 100}},
		},
		want: "In the room of server, 9 members heard 180 of 216 messages, 2 of them out of order; 20 of 24 " +
			"came back to their senders: gave up waiting.",
	},
	{
		scenario: "laggard",
		groups: map[string]of{
			"talkers": {answered: 24, p50: 1.2, p99: 5, ObservedGroup: group{Clients: 8, Received: 192}},
			"laggard": {ObservedGroup: group{Clients: 1, Received: 3, CloseCode: 1013}},
		},
		want: "Beside one that did not read, the 8 others of server heard 192 of 192 messages, and 24 of 24 " +
			"came back to their senders, half of these within 1.2 ms, 99 of 100 within 5.0 ms. When the " +
			"one read on, it heard 3 messages, and behind them the server's goodbye, with the code 1013.",
	},
	{
		scenario: "laggard",
		groups: map[string]of{
			"talkers": {failed: 24, ObservedGroup: clients(8)},
			"laggard": {ObservedGroup: group{Clients: 1, Received: 1, CloseCode: 1000}},
		},
		want: "Beside one that did not read, the 8 others of server heard 0 of 192 messages, and 0 of 24 came back " +
			"to their " +
			"senders. When the one read on, it heard 1 message: the server had not asked it to " +
			"leave.",
	},
	{
		scenario: "laggard",
		groups: map[string]of{
			"talkers": {answered: 2, failed: 22, p50: 1, p99: 2, ObservedGroup: group{Clients: 8, Received: 20}},
			"laggard": {ObservedGroup: group{Clients: 1, Broken: 1}},
		},
		want: "Beside one that did not read, the 8 others of server heard 20 of 192 messages, and 2 of 24 came back " +
			"to their " +
			"senders, half of these within 1.0 ms, 99 of 100 within 2.0 ms. When the one " +
			"read on, it heard 0 messages, and that its connection had been cut off.",
	},
}
