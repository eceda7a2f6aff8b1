export interface EntryName {
  readonly schema: string
  readonly name: string
}
