export function f( { // not JavaScript
