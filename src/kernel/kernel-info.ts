/** The kernel's description of itself. */
import { createRequire } from 'node:module';
import type { CellLanguage } from './language';
import { PROTOCOL_VERSION, type Json } from './protocol/message';

/** The version of TypeScript, without loading it into the server. */
function typescriptVersion(): string {
  return (createRequire(import.meta.url)('typescript/package.json') as { version: string }).version;
}

/** `language_info` of each language, by which front-ends choose highlighting and file names. */
const LANGUAGES: Record<CellLanguage, Json> = {
  typescript: {
    mimetype: 'application/typescript',
    file_extension: '.ts',
    codemirror_mode: { name: 'javascript', typescript: true },
  },
  javascript: { mimetype: 'text/javascript', file_extension: '.js', codemirror_mode: 'javascript' },
};

/** Content of kernel_info_reply. */
export function kernelInfo(language: CellLanguage): Json {
  const version = typescriptVersion();
  return {
    protocol_version: PROTOCOL_VERSION,
    implementation: 'stillhouse',
    implementation_version: '0.1.0',
    language_info: {
      name: language,
      version: language === 'typescript' ? version : process.versions.node,
      pygments_lexer: language,
      ...LANGUAGES[language],
      nbconvert_exporter: 'script',
    },
    banner: `Stillhouse: ${language === 'typescript' ? `TypeScript ${version}` : 'JavaScript'} on Node ${process.versions.node}`,
    debugger: false,
    supported_features: [],
    help_links: [
      { text: 'TypeScript', url: 'https://www.typescriptlang.org/docs/' },
      { text: 'Vega-Lite', url: 'https://vega.github.io/vega-lite/docs/' },
    ],
  };
}
