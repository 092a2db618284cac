/** Roots of elements in somebody else's page that nobody has been in yet: their page has the focus. */
const notEntered = new WeakSet<Node>()

/** No step in there takes the focus before the person has moved it in there. */
export function keepFocusUntilEntered(root: ShadowRoot): void {
  notEntered.add(root)
  root.addEventListener('focusin', () => notEntered.delete(root), { once: true })
}

/** Attachment that moves the focus to an element when its step appears, so that a screen reader reads on there. */
export function focusOnArrival(element: HTMLElement): void {
  if (hasFocus(element) || notEntered.has(element.getRootNode())) return
  element.focus({ preventScroll: true })
}

/** Within an element of its own the document knows of that element alone. */
function hasFocus(element: HTMLElement): boolean {
  return (element.getRootNode() as Document | ShadowRoot).activeElement === element
}

/** The same for a field: what it holds is marked, so that typing replaces it. */
export function markOnArrival(field: HTMLInputElement): void {
  focusOnArrival(field)
  field.select()
}

/** The same, with the caret where typing goes on. */
export function typeOnAtArrival(field: HTMLInputElement): void {
  // Whoever is typing there already is left alone: this is the moment in which the page comes to life.
  if (hasFocus(field)) return
  focusOnArrival(field)
  // Only some types of field can be told where the caret is; all of them set it behind a new text.
  const text = field.value
  field.value = ''
  field.value = text
}
