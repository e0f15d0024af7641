// Links to a moment: "#step=one-slow&servers=select,epoll&take=c1.a1.t1". The door reads them. There is a list of
// choices for each server, in the order of the servers, with commas between; one list stands for all.

const choice = /^[a-z]\d{0,4}$/
const longest = 4000 // choices

// listsOf reads lists, whose choices have spaces between them here. What is not a choice ends a list.
export const listsOf = (text = '') => text.split(',').map(list => {
  const all = list.split(' ').slice(0, longest), end = all.findIndex(take => !choice.test(take))
  return end < 0 ? all : all.slice(0, end)
})

export function linkTo(name, servers, lists) {
  const texts = lists.map(list => list.join('.')), one = texts.every(text => text === texts[0])
  return `#step=${name}&servers=${servers.join()}&take=${one ? texts[0] : texts.join()}`
}
