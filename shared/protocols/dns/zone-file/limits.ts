/** Implementation constants: what the text of one zone may cost. A zone of a million records takes some 60 MB of text. */

/** The text of all files of one zone: strings of this size and what is made of them still fit a small machine. */
export const ZONE_TEXT_MAX_BYTES: number = 256 * 1024 * 1024;

/** Files within files. NSD stops at 10; a file that includes itself must end. */
export const INCLUDE_DEPTH_MAX: number = 10;

/** Files of one zone in all: two `$INCLUDE` a file would be 1,024 at the greatest depth. */
export const ZONE_FILES_MAX: number = 1024;

/** By all `$GENERATE` of one zone: four reverse zones of an IPv4 /16, from a few dozen bytes of text. */
export const GENERATED_RECORDS_MAX: number = 4 * 65_536;

/** Nobody reads more at once, and a file that is no zone at all has a fault in every line. */
export const FAULTS_MAX: number = 50;

/** What is wrong is quoted, and a word may be as long as the file: two names at their longest, every byte escaped, are 2,040 characters. */
export const MESSAGE_MAX_CHARACTERS: number = 2048;

/** RFC 1035 §3.2.1: RDATA has 65,535 bytes at most, and no word stands for less than one; owner, TTL, class and type come on top. */
export const ENTRY_TOKENS_MAX: number = 65_535 + 4;

/** A byte of RDATA takes eight characters at most: two escapes by number, in a list of an SVCB parameter (RFC 9460 appendix A.1). */
export const WORD_MAX_CHARACTERS: number = 8 * 65_535;
