import { DISPLAY, type Displayable, MIME, type MimeBundle } from '../charts';

/** Markdown text as a value that shows itself. */
export const markdown = (text: string): Displayable => ({
  [DISPLAY]: (): MimeBundle => ({ [MIME.markdown]: text, [MIME.text]: text }),
});
