import { sqliteCode, sqliteCodeOf } from './sqlite-code.ts'
import { StoreUnavailableError } from './store.ts'

/** The store's file cannot be used. The message says what is wrong with it and what to do. */
export class StoreFileError extends Error {
  override readonly name = 'StoreFileError'
  /** It may pass by itself. */
  readonly isTemporary: boolean

  constructor(message: string, { isTemporary }: { isTemporary: boolean }) {
    super(message)
    this.isTemporary = isTemporary
  }

  static cannotBeOpened(path: string): StoreFileError {
    return new StoreFileError(
      `the store ${path} cannot be opened by this user (uid ${process.getuid?.()}); name the file in STORE_URL, and run this as the user of the server`,
      { isTemporary: false },
    )
  }

  static folderCannotBeMade(folder: string, code: string): StoreFileError {
    return new StoreFileError(
      `the folder ${folder} of the store cannot be made by this user (uid ${process.getuid?.()}, ${code}); make it for the user of the server, or name another in DATA_DIR or STORE_URL`,
      { isTemporary: false },
    )
  }

  /** There is something of its name, and so no new store is made, but no file. */
  static isAway(path: string): StoreFileError {
    return new StoreFileError(
      `the store ${path} is a symbolic link that leads to no file; mount what it leads to, or name the file in STORE_URL`,
      { isTemporary: false },
    )
  }

  static isEmpty(path: string): StoreFileError {
    return new StoreFileError(
      `the store ${path} is empty, and no store begins so: it was lost; restore a backup, or remove the file to begin a new store in which nobody is signed in`,
      { isTemporary: false },
    )
  }

  static isAnother(path: string): StoreFileError {
    return new StoreFileError(
      `${path} is a SQLite file without the tables of a store; restore a backup, or name the right file in STORE_URL`,
      { isTemporary: false },
    )
  }

  static isDamaged(path: string, cause: string): StoreFileError {
    return new StoreFileError(
      `the store ${path} is damaged (${cause.replace(/\s+/g, ' ')}); restore a backup, or name the right one in STORE_URL`,
      { isTemporary: false },
    )
  }

  /** What SQLite answered, in the words of an operator; `undefined` for an error that is not of a store. */
  static of(path: string, error: unknown): StoreFileError | undefined {
    if (error instanceof StoreFileError) return error
    switch (sqliteCodeOf(error instanceof StoreUnavailableError ? error.cause : error)) {
      case sqliteCode.busy:
      case sqliteCode.locked:
        return new StoreFileError(`the store ${path} is held by another process; try again`, {
          isTemporary: true,
        })
      case sqliteCode.full:
      case sqliteCode.ioError:
        return new StoreFileError(`the store ${path} cannot be used: its disk is full or fails`, {
          isTemporary: true,
        })
      case sqliteCode.corrupt:
      case sqliteCode.noDatabase:
        return new StoreFileError(
          `the store ${path} is damaged, or no SQLite file; restore a backup, or name the right one in STORE_URL`,
          { isTemporary: false },
        )
      case sqliteCode.readOnly:
        return new StoreFileError(
          `the store ${path} cannot be written: it, its folder or its file system is read-only; name a writable place in DATA_DIR or STORE_URL`,
          { isTemporary: false },
        )
      case sqliteCode.cannotOpen:
        return StoreFileError.cannotBeOpened(path)
      default:
        return error instanceof StoreUnavailableError
          ? new StoreFileError(`the store ${path} did not answer; try again`, { isTemporary: true })
          : undefined
    }
  }
}
