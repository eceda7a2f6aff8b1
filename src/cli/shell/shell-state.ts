/** What the shell's own commands can change. */
export interface ShellState {
  timing: boolean
  quit: boolean
  /** Texts that failed so far. */
  failures: number
}
