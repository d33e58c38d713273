/** A part with a beginning and an end. Started in written order, stopped in reverse. */
export interface Startable {
  start(): Promise<void>
  /** Drains what is in flight; safe to call twice. */
  stop(): Promise<void>
}
