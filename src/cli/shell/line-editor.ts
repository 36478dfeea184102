import { createInterface } from "node:readline";
import type { Interface } from "node:readline";
import { Writable } from "node:stream";
import type { Completer } from "./completion.ts";

/** A terminal, or what looks like one. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream & { readonly columns?: number; readonly rows?: number };
}

/** Something that is drawn below the text and goes out of its way (a live result). */
export interface Overlay {
  clear(): void;
  draw(): void;
}

export interface LineEditorOptions extends Terminal {
  readonly history: readonly string[];
  readonly complete: Completer;
  readonly onInterrupt: () => void;
}

/**
 * Reads lines with readline, and lets text appear above the line that is being typed. What is typed while nobody asks
 * for a line is kept and not shown until then.
 */
export class LineEditor {
  readonly #terminal: Terminal;
  readonly #readline: Interface;
  readonly #echo: Echo;
  readonly #lines: string[] = [];
  #waiting: ((line: string | undefined) => void) | undefined;
  #ended = false;
  #history: string[] = [];
  /** Lines of the history that belong to the statement that is being typed. */
  #remembered = 0;
  #overlay: Overlay | undefined;

  constructor(options: LineEditorOptions) {
    const { input, output, history, complete, onInterrupt } = options;
    this.#terminal = { input, output };
    this.#echo = new Echo(output);
    this.#readline = createInterface({
      input,
      output: this.#echo,
      terminal: true,
      history: [...history],
      historySize: 1000,
      removeHistoryDuplicates: true,
      completer: complete,
    });
    this.#readline.on("history", (entries: string[]) => {
      this.#history = entries;
      this.#remembered += 1;
    });
    this.#readline.on("line", (line) => {
      if (this.#waiting === undefined) this.#lines.push(line);
      else this.#answer(line);
    });
    this.#readline.on("close", () => {
      this.#ended = true;
      this.#answer(undefined);
    });
    this.#readline.on("SIGINT", onInterrupt);
  }

  /** The next line; undefined: the input has ended (Ctrl-D). */
  async next(prompt: string): Promise<string | undefined> {
    const typed = this.#lines.shift();
    if (typed !== undefined) return typed;
    if (this.#ended) return undefined;
    this.#echo.muted = false;
    this.#readline.setPrompt(prompt);
    this.#readline.prompt(true);
    return await new Promise((resolve) => (this.#waiting = resolve));
  }

  #answer(line: string | undefined): void {
    const resolve = this.#waiting;
    this.#waiting = undefined;
    this.#echo.muted = true;
    resolve?.(line);
  }

  /** Gives the line in hand up. */
  discardLine(): void {
    this.#lines.length = 0;
    if (this.#waiting === undefined) return;
    this.#terminal.output.write("^C\n");
    // Deletes what is left of the cursor, then what is right of it.
    this.#readline.write(null, { ctrl: true, name: "u" });
    this.#readline.write(null, { ctrl: true, name: "k" });
    this.#answer("");
  }

  /** The lines since the last call become one entry of the history. */
  remember(statement: string): void {
    this.#history.splice(0, Math.min(this.#remembered, this.#history.length), statement);
    this.#remembered = 0;
  }

  /** Writes whole lines, above the prompt where there is one. */
  print(text: string): void {
    if (text === "") return;
    const lines = text.endsWith("\n") ? text : `${text}\n`;
    const { output } = this.#terminal;
    if (this.#waiting === undefined) {
      this.#overlay?.clear();
      output.write(lines);
      this.#overlay?.draw();
      return;
    }
    const { rows } = this.#readline.getCursorPos();
    output.write(`\r${rows > 0 ? `\u001b[${rows}A` : ""}\u001b[J${lines}`);
    this.#readline.prompt(true);
  }

  /** Shown below everything that is printed until it is taken away. */
  set overlay(overlay: Overlay | undefined) {
    this.#overlay = overlay;
  }

  close(): void {
    this.#readline.close();
  }
}

/** The terminal as readline writes to it; silent while a statement runs. */
class Echo extends Writable {
  readonly #output: LineEditorOptions["output"];
  muted = true;

  constructor(output: LineEditorOptions["output"]) {
    super({
      write: (chunk: Uint8Array, _encoding, done) => {
        if (!this.muted) output.write(chunk);
        done();
      },
    });
    this.#output = output;
    output.on("resize", () => this.emit("resize"));
  }

  get columns(): number {
    return sizeOf(this.#output).columns;
  }

  get rows(): number {
    return sizeOf(this.#output).rows;
  }
}

/** The size of a terminal; one that does not know its size says 0. */
export function sizeOf({ columns, rows }: Terminal["output"]): { readonly columns: number; readonly rows: number } {
  return {
    columns: columns === undefined || columns === 0 ? 80 : columns,
    rows: rows === undefined || rows === 0 ? 24 : rows,
  };
}
