/** The languages of cells. Each has a kernelspec; both run the same program. */
export type CellLanguage = 'typescript' | 'javascript';
