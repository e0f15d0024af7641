// Which of Node's queues are run until they are empty, so that a function that puts itself back keeps the loop? It is
// put back many times, and for longer than a timer of one millisecond takes. Prints "kept" or "shared" for each queue.

const queues = { setImmediate, 'process.nextTick': process.nextTick, queueMicrotask }

function put(queue) {
  return new Promise(settle => {
    let calls = 0
    let answered = false
    const answer = word => { answered = true; settle(word) }
    const begun = performance.now()
    setTimeout(answer, 1, 'shared')
    queue(function again() {
      if (answered) return
      calls++
      if (calls > 100_000 && performance.now() - begun > 10) return answer('kept')
      queue(again)
    })
  })
}

for (const [name, queue] of Object.entries(queues)) console.log(name, await put(queue))
