// A shell inside a node's machine, over one open stream.

export interface ShellResult {
  readonly stdout: string;
  /** The exit status. */
  readonly status: number;
}

export interface Shell {
  /**
   * Runs a POSIX shell script as the node's own user; several may run at once. Throws EnvironmentError when it does not end
   * within `limitMs` or the machine is gone.
   */
  run(script: string, limitMs?: number): Promise<ShellResult>;
}

/** One word of a script, whatever it holds. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
