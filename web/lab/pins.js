// The moments of the story on the pictures: their numbers below the lanes, each with a stem up to where it happens.
// They are for the eye and the pointer; the chapters on the scrubber are the same for every reader.
import { el } from './dom.js'
import { spread } from './spread.js'

const size = 18 // px

export class Pins {
  constructor(story) { Object.assign(this, { story, strips: new WeakMap() }) }

  // show puts the numbers of the moments that have been seen on the picture of a pane.
  show(pane) {
    const { story } = this, { stage, moments } = story, { picture } = pane, { gutter, width, height } = picture
    const server = stage.run.tracks.indexOf(pane.track)
    const pins = moments.flatMap((moment, i) => {
      const x = picture.x(moment.at, stage.view), own = moment.server === server
      if (!own && !moment.also?.includes(server)) return []
      if (moment.at > stage.view.seen || x < gutter || x > width) return []
      return [{ i, x, stem: height - middleOf(picture, own ? moment.lane : -1) }]
    })
    const strip = this.strips.get(pane) ?? this.add(pane), key = JSON.stringify([pins, width, story.at])
    if (strip.key === key) return
    strip.key = key
    const places = spread(pins.map(({ x }) => x), size, width - size / 2)
    strip.replaceChildren(...pins.map((pin, n) => this.pin(pin, places[n])))
  }
  add(pane) {
    const strip = el('div', { class: 'lab-pins', 'aria-hidden': 'true' })
    this.strips.set(pane, strip)
    pane.canvas.parentNode.append(strip)
    return strip
  }
  pin({ i, x, stem }, place) {
    const { story } = this
    const pin = el('span', {
      class: i === story.at ? 'lab-pin lab-now' : 'lab-pin', title: story.words(i), onclick: () => story.stopAt(i),
    }, i + 1)
    for (const [name, px] of Object.entries({ left: place - size / 2, '--lean': x - place, '--stem': stem })) {
      pin.style.setProperty(name, px + 'px')
    }
    return pin
  }
}

// middleOf returns where a lane is, or the row that it is folded into; the top of the picture for none.
function middleOf({ rows }, lane) {
  const row = rows.find(row => row.lane?.id === lane) ?? rows.find(row => row.lanes?.some(({ id }) => id === lane))
  return row ? row.y + row.h / 2 : 0
}
