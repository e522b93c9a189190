/** Names that every cell has, for the type checker. What they do at run time is in `cell/`. */
export const AMBIENT = `
/** Asks the person at the front-end for a line of text and waits; null if they cancel. */
declare function prompt(message?: string, initial?: string): string | null;
/** Asks like \`prompt\`, without showing what is typed. */
declare function promptSecret(message?: string): string | null;
`;
