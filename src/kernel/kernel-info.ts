/** What the kernel says of itself. */
import { createRequire } from 'node:module';
import { PROTOCOL_VERSION, type Json } from './protocol/message';

/** The version of TypeScript, without loading it into the server. */
function typescriptVersion(): string {
  return (createRequire(import.meta.url)('typescript/package.json') as { version: string }).version;
}

/** Content of kernel_info_reply. */
export function kernelInfo(): Json {
  const version = typescriptVersion();
  return {
    protocol_version: PROTOCOL_VERSION,
    implementation: 'stillhouse',
    implementation_version: '0.1.0',
    language_info: {
      name: 'typescript',
      version,
      mimetype: 'application/typescript',
      file_extension: '.ts',
      pygments_lexer: 'typescript',
      codemirror_mode: { name: 'javascript', typescript: true },
      nbconvert_exporter: 'script',
    },
    banner: `Stillhouse: TypeScript ${version} on Node ${process.versions.node}`,
    debugger: false,
    supported_features: [],
    help_links: [
      { text: 'TypeScript', url: 'https://www.typescriptlang.org/docs/' },
      { text: 'Vega-Lite', url: 'https://vega.github.io/vega-lite/docs/' },
    ],
  };
}
