/** Names of modules as other kernels write them. */

/** Deno's `npm:moment@2.29.4/min` is the package `moment/min`, in the version that is installed. */
export function packageName(specifier: string): string {
  const [, name, path = ''] = /^npm:\/?((?:@[^/@]+\/)?[^/@]+)(?:@[^/]*)?(\/.*)?$/.exec(specifier) ?? [];
  return name === undefined ? specifier : name + path;
}
