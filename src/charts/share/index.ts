export { notebookPage, share, type Shared } from './share';
