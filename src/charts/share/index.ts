export { type IndexEntry, indexPage, thumbnail } from './index-page';
export { joined, type Notebook, readNotebook } from './notebook';
export { notebookPage, share, type Shared } from './share';
