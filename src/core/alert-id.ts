/** Alert ids: 26 characters of Crockford base 32, time first, so that ids sort by time; a function of the journal (contract §4). */

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_CHARS = 10;
const HASH_CHARS = 8;
/** Ten characters hold 50 bits; a ULID uses 48 of them. */
const MAX_TIME = 2 ** 48 - 1;

/** `raisedAt` in ms; `nth` tells alerts of one hazard of one lift apart that were raised at the same device time. */
export function alertId(liftId: string, hazard: string, raisedAt: number, nth: number): string {
  const key = `${liftId}\n${hazard}\n${raisedAt}\n${nth}`;
  const time = Math.min(Math.max(0, Math.trunc(raisedAt)), MAX_TIME);
  return base32(time, TIME_CHARS) + base32(hash53(key, 1) % 2 ** 40, HASH_CHARS) + base32(hash53(key, 2) % 2 ** 40, HASH_CHARS);
}

function base32(value: number, chars: number): string {
  let text = "";
  let rest = value;
  for (let index = 0; index < chars; index++) {
    text = (ALPHABET[rest % 32] ?? "0") + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

/** cyrb53, a public-domain 53-bit string hash by bryc: distinctness is needed here, secrecy is not. */
function hash53(text: string, seed: number): number {
  let high = 0xdeadbeef ^ seed;
  let low = 0x41c6ce57 ^ seed;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return 4294967296 * (2097151 & low) + (high >>> 0);
}
