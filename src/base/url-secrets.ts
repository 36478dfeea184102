/** A text in which the passwords of URLs are not shown: `//user:password@`, `?password=…`. */
export function withoutUrlSecrets(text: string): string {
  return text
    .replace(/(\/\/[^/@:\s'"]*:)[^/@\s'"]+(?=@)/g, "$1******")
    .replace(/([?&;]password=)[^&;\s'"]+/gi, "$1******");
}
