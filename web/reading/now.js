// Which sections are read.

// readNow looks at the window where it has come to rest. Boxes are the sections', {top, bottom}, in it. It returns the
// numbers of those in sight, and of those that are read: their end is in sight, or has passed by since they were in
// sight at the rest before, and not by a leap.
export function readNow(boxes, height, before, isNear) {
  const numbers = [...boxes.keys()]
  const seen = numbers.filter(i => boxes[i].top < height * 0.75 && boxes[i].bottom > height * 0.25)
  const done = numbers.filter(i =>
    boxes[i].bottom <= height && (seen.includes(i) || isNear && before.includes(i)))
  return { seen, done }
}
