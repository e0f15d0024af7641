// gradeOf returns a class and words for a guess, given the measured value.
export function gradeOf(guess, was) {
  const off = Math.abs(guess - was)
  if (off === 0) return ['right', 'Right.']
  if (off <= Math.max(1, Math.abs(was) * 0.25)) return ['close', 'Close.']
  return ['wrong', guess > was ? 'Fewer than you thought.' : 'More than you thought.']
}
