/** Attachment that moves the focus to an element when its step appears, so that a screen reader reads on there. */
export function focusOnArrival(element: HTMLElement): void {
  element.focus({ preventScroll: true })
  if (element instanceof HTMLInputElement) element.select()
}
