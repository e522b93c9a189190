/** The languages of cells: one kernel for each, of the same program. */
export type CellLanguage = 'typescript' | 'javascript';
