/** A whole number for people: `1,234,567`. */
export function groupedDigits(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}
