/** What only the shell understands; a word alone in a line, with or without `;`. */
export type ShellCommand = "quit" | "help" | "clear";

const COMMANDS: Readonly<Record<string, ShellCommand>> = {
  quit: "quit",
  exit: "quit",
  "\\q": "quit",
  help: "help",
  "?": "help",
  "\\?": "help",
  clear: "clear",
};

/** The command of a line, if it is one. */
export function commandOf(line: string): ShellCommand | undefined {
  const word = line.trim().replace(/\s*;$/, "").toLowerCase();
  return Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
}
