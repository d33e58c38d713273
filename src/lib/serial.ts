/**
 * Runs async sections one after another in the order they were asked for.
 *
 * A failed section does not stop the next.
 */
export function createSerial(): <T>(section: () => Promise<T>) => Promise<T> {
  let tail: Promise<unknown> = Promise.resolve()
  return async <T>(section: () => Promise<T>): Promise<T> => {
    const turn = tail.then(section, section)
    tail = turn.catch(() => {})
    return turn
  }
}
