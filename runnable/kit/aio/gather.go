package aio

// Gather is done when all the futures are, with their results in order; or with the first error, while the others
// continue to run (a group would cancel them). Cancelling it cancels all that are not done.
func Gather[T any](t *Task, futures ...*Future[T]) *Future[[]T] {
	all := newFuture[[]T](t.loop, ForFuture, -1)
	left, cancelled := len(futures), false
	if left == 0 {
		all.SetResult(nil)
		return all
	}
	for _, f := range futures {
		f.whenDone(func() {
			left--
			err := f.taken()
			switch {
			case all.done:
			case err != nil:
				all.finish(err)
			case left == 0 && cancelled: // each of them was done before it could be cancelled
				all.finish(Cancelled)
			case left == 0:
				results := make([]T, len(futures))
				for i, f := range futures {
					results[i] = f.value
				}
				all.SetResult(results)
			}
		})
	}
	all.cancel = func() bool {
		told := false
		for _, f := range futures {
			if f.Cancel() {
				told = true
			}
		}
		cancelled = cancelled || told
		return told
	}
	return all
}

// Shield protects a future from cancellation: when a task that awaits the shield is cancelled, the future is not. It
// does not protect the task that waits.
func Shield[T any](f *Future[T]) *Future[T] {
	if f.done {
		return f
	}
	shield := newFuture[T](f.loop, f.why, int(f.fd))
	f.whenDone(func() {
		if shield.done {
			return // cancelled: an error of the future is then not retrieved but logged
		}
		shield.value = f.value
		shield.finish(f.taken())
	})
	return shield
}
