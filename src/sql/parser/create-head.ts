/** What stands between CREATE and the kind of object. */
export interface CreateHead {
  readonly start: number
  readonly orReplace: boolean
  readonly temporary: boolean
}
