import { type CssColor, transform } from 'lightningcss'

/** What a style sheet says of colours and custom properties. */
export interface Styles {
  /** Colours that are written out, in whatever notation. */
  colors: CssColor[]
  /** Custom properties in the order in which they are defined, with their colour if they are one. */
  defined: [name: string, color: CssColor | undefined][]
  /** Custom properties that are asked for. */
  used: Set<string>
}

export function readStyles(css: string): Styles {
  const styles: Styles = { colors: [], defined: [], used: new Set() }
  transform({
    filename: 'styles.css',
    code: Buffer.from(css),
    visitor: {
      Color(color) {
        if (!isInherent(color)) styles.colors.push(color)
      },
      Variable({ name }) {
        styles.used.add(name.ident)
      },
      Declaration: {
        custom({ name, value: [first] }) {
          // It stands for what lightningcss does not know of, too.
          if (name.startsWith('--'))
            styles.defined.push([name, first?.type === 'color' ? first.value : undefined])
        },
      },
    },
  })
  return styles
}

/** Whether it is nobody's choice: that of the text, or none at all. */
function isInherent(color: CssColor): boolean {
  return (
    typeof color === 'object' && (color.type === 'currentcolor' || ('alpha' in color && color.alpha === 0))
  )
}
