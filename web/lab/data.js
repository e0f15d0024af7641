// What the page knows of states and languages: names, words and looks. Nothing here is computed.

// The states in the order of the legend. A bar fills its lane; the others are calls and glyphs drawn on top of bars.
// fill: opacity of the colour below the pattern; ink: what the pattern is drawn in; edge: outlined with ink; soft:
// opacity of pattern and outline. The colours are custom properties of lab-states.css.
export const states = {
  running: {
    bar: true, word: 'running', fill: 1,
    means: 'the thread computes, or waits for a lock of the program; the task has its turn',
  },
  waiting: {
    bar: true, word: 'waiting for any of many', fill: 0.16, pattern: 'horizontal', ink: 'own',
    means: 'asleep in select: whoever comes first wakes it',
  },
  blocked: {
    bar: true, word: 'blocked in one call', fill: 1, pattern: 'diagonal', ink: 'paper', soft: 0.62,
    means: 'asleep until this one descriptor has something',
  },
  parked: { // the pattern is seen in a sum; on a lane it is a thin line
    bar: true, word: 'parked', fill: 0.1, pattern: 'rail', ink: 'own',
    means: 'the coroutine or task waits, and no thread with it',
  },
  queued: {
    bar: true, word: 'connected, not accepted', fill: 1, pattern: 'dots', ink: 'dark', edge: true,
    means: 'the kernel holds the connection, the program does not know of it',
  },
  unanswered: {
    bar: true, word: 'asked, no reply yet', fill: 0.6, pattern: 'falling', ink: 'dark', soft: 0.5, edge: true,
    means: 'the client waits',
  },
  answering: {
    bar: true, word: 'reply under way', fill: 1, pattern: 'steps', ink: 'dark', soft: 0.55, edge: true,
    means: 'its first byte has come, and not yet the last',
  },
  paused: {
    bar: true, word: 'the client pauses', fill: 0, pattern: 'dash', ink: 'ink', soft: 0.8,
    means: 'the client keeps the server waiting',
  },
  backpressure: {
    bar: true, word: 'reply not taken', fill: 1, pattern: 'vertical', ink: 'dark', edge: true,
    means: 'the client does not read what is sent, or a task waits until it does',
  },
  idle: {
    bar: true, word: 'open, nothing asked', fill: 0, edge: true, soft: 0.35,
    means: 'the connection costs memory and no time',
  },
  called: { bar: false, word: 'a call', fill: 0.55, means: 'a call that returned at once' },
  again: {
    bar: false, word: 'EAGAIN', fill: 0.22, pattern: 'crosses', ink: 'own',
    means: 'a call that found nothing and said so',
  },
  failed: {
    bar: false, word: 'error', fill: 0.5, pattern: 'crosses', ink: 'ink',
    means: 'a call or a connection that ended in an error',
  },
  returned: { bar: false, word: 'returned', fill: 1, means: 'the coroutine or task is over' },
  cancelled: {
    bar: false, word: 'cancelled', fill: 1,
    means: 'the task, or the server, was asked to end, or has ended so',
  },
  answered: { bar: false, word: 'answered', fill: 1, means: 'the reply is complete' },
}

export const languages = { go: 'Go', python: 'Python', c: 'C' }
