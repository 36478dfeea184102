import type { Span } from "../../base/span.ts";

/** Every AST node carries its source span; a node without one cannot be made. */
export interface Node<Kind extends string> {
  readonly kind: Kind;
  readonly span: Span;
}

export interface Identifier extends Node<"Identifier"> {
  readonly name: string;
  /** Written in backquotes. */
  readonly quoted: boolean;
}

/** `[[catalog.]database.]object`, one to three parts. */
export interface ObjectName extends Node<"ObjectName"> {
  readonly parts: readonly Identifier[];
}
