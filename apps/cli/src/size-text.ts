const units = ['KiB', 'MiB', 'GiB', 'TiB']

/** A number of bytes in its largest unit, such as `4.2 MiB`. */
export function sizeOf(bytes: number): string {
  let [size, unit] = [bytes / 1024, 0]
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024
    unit += 1
  }
  return `${size < 10 && size > 0 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`
}
