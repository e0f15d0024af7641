// Parts of runs for tests.

// mark makes a mark as it is in JSON.
export const mark = ({
  lane = 0, at = 0, took = 0, state = 'running', call = '', fd = -1, result = 0, errno = '', count = 1, site = -1,
  task = 0,
} = {}) => [lane, at, took, state, call, fd, result, errno, count, site, task]

// server makes a server of a result.
export const server = (fields = {}) => ({
  id: 'select', language: 'go', requests: { answered: 0, failed: 0 }, events: { dropped: 0 }, ...fields,
})
