/** Attachment that moves the focus to an element when its step appears, so that a screen reader reads on there. */
export function focusOnArrival(element: HTMLElement): void {
  if (document.activeElement !== element) element.focus({ preventScroll: true })
}

/** The same for a field: what it holds is marked, so that typing replaces it. */
export function markOnArrival(field: HTMLInputElement): void {
  focusOnArrival(field)
  field.select()
}

/** The same, with the caret where typing goes on. */
export function typeOnAtArrival(field: HTMLInputElement): void {
  // Whoever is typing there already is left alone: this is the moment in which the page comes to life.
  if (document.activeElement === field) return
  focusOnArrival(field)
  // Only some types of field can be told where the caret is; all of them set it behind a new text.
  const text = field.value
  field.value = ''
  field.value = text
}
