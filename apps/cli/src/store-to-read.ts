import { openStoreToRead, StoreFileError, type StoreLack, type StoreToRead } from '@holdfast/store'
import { CommandError } from './command-error.ts'

/**
 * Runs `work` with the store that a server has made, which is only looked at: also while a server runs, while
 * somebody holds the write lock and while the disk is full.
 *
 * @throws {CommandError} where there is none
 * @throws {StoreFileError} when it cannot be read
 */
export async function readingStore<Result>(
  path: string,
  work: (store: StoreToRead) => Promise<Result>,
): Promise<Result> {
  try {
    const opened = openStoreToRead(path)
    if (!opened.ok) throw CommandError.ofConfiguration([describeLack(path, opened.lack)])
    try {
      return await work(opened.store)
    } finally {
      opened.store.close()
    }
  } catch (error) {
    throw StoreFileError.of(path, error) ?? error
  }
}

export function describeLack(path: string, lack: StoreLack): string {
  switch (lack) {
    case 'no_file':
      return `there is no store at ${path}: a server makes it at its first start; set DATA_DIR or STORE_URL as the server has them`
    case 'no_store':
      return `${path} is no store of Holdfast; set DATA_DIR or STORE_URL as the server has them`
    case 'older_version':
      return `the store ${path} is of an older version; start the server once, which brings it up to date`
  }
}
