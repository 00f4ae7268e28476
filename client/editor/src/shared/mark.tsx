/** Growth rings: the mark of the house. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <circle cx="16" cy="16" r="2.2" />
      <path d="M16 9.6a6.4 6.4 0 1 0 6.2 8" />
      <path d="M16 4.8a11.2 11.2 0 1 0 11.2 11.2" />
    </svg>
  );
}
