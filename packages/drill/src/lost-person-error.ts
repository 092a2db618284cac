/** Somebody could not be followed to the end of the journey: what Holdfast promises never to happen. */
export class LostPersonError extends Error {
  override readonly name = 'LostPersonError'
}
