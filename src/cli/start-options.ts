/** What `millrace start` takes from the command line. */
export interface StartOptions {
  readonly config: string
  readonly role?: readonly string[]
  readonly data?: string
  readonly logLevel?: string
  readonly exitWithParent?: boolean
  readonly httpPort?: number
}
