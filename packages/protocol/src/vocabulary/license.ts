interface LicenseRule {
  readonly name: string;
  /** Its terms are the author's own words, in `license_description`. */
  readonly custom: boolean;
  /** Somebody must be named in `copyright_holder`. */
  readonly needsHolder: boolean;
}

/** Licences by id. */
export const LICENSES = {
  1: { name: 'CC BY', custom: false, needsHolder: true },
  2: { name: 'CC BY-SA', custom: false, needsHolder: true },
  3: { name: 'CC BY-ND', custom: false, needsHolder: true },
  4: { name: 'CC BY-NC', custom: false, needsHolder: true },
  5: { name: 'CC BY-NC-SA', custom: false, needsHolder: true },
  6: { name: 'CC BY-NC-ND', custom: false, needsHolder: true },
  7: { name: 'All Rights Reserved', custom: false, needsHolder: true },
  8: { name: 'Public Domain', custom: false, needsHolder: false },
  9: { name: 'Special Permissions', custom: true, needsHolder: true },
} as const satisfies Record<number, LicenseRule>;
export type LicenseId = keyof typeof LICENSES;

export function isLicenseId(value: unknown): value is LicenseId {
  return typeof value === 'number' && Object.hasOwn(LICENSES, value);
}
