/** Declarations of names that every cell has, for the type checker. `cell/` implements them. */
export const AMBIENT = `
/** Asks the user for a line of text and waits; null if they cancel. */
declare function prompt(message?: string, initial?: string): string | null;
/** Like \`prompt\`, without showing what is typed. */
declare function promptSecret(message?: string): string | null;
`;
