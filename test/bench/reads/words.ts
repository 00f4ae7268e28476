const SYLLABLES = [
  'ba',
  'cel',
  'di',
  'fo',
  'gra',
  'hy',
  'kin',
  'lo',
  'mu',
  'nes',
  'or',
  'pla',
  'qui',
  'ros',
  'syn',
  'ta',
];

/** Words of three syllables, 4,096 in all: some more often than others, as in a language. */
export function titleOf(random: (below: number) => number, words: number): string {
  return Array.from({ length: words }, () => {
    let word = '';
    for (let n = 0; n < 3; n += 1) word += SYLLABLES[random(random(SYLLABLES.length) + 1)] as string;
    return word;
  }).join(' ');
}
