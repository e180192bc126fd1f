/** To the minute, which is enough for people: `2027-01-31 12:00 UTC`. */
export function formatMinute(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
