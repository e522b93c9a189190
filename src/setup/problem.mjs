/** A problem that the user can fix, with the command that fixes it. */
export class SetupProblem extends Error {
  /**
   * @param {string} what what is wrong, with what was seen
   * @param {string} remedy what to do, preferably a command
   * @param {{ cause?: unknown }} [options]
   */
  constructor(what, remedy, options) {
    super(`${what}\n  → ${remedy}`, options);
    this.name = 'SetupProblem';
    this.what = what;
    this.remedy = remedy;
  }
}

const AGAIN = 'and run the same command again (what is done is kept)';

/** Known causes of failure in the output of npm, pip, python or g++, with remedies. The first match counts. */
const causes = [
  {
    says: /ENOSPC|No space left on device|Errno 28\b|disk quota exceeded/i,
    what: 'The disk is full.',
    remedy: `Free 3 GB (df -h shows where), or set XDG_CACHE_HOME to a folder on a larger disk, ${AGAIN}.`,
  },
  {
    says: /ensurepip is not available|No module named '?(venv|ensurepip)|returned non-zero exit status.*ensurepip/i,
    what: 'Python lacks its venv module.',
    remedy: `Run: sudo apt-get install python3-venv (Debian, Ubuntu), ${AGAIN}.`,
  },
  {
    says: /CERT_|certificate verify failed|self.signed certificate|SSLError/i,
    what: "A certificate was refused, as behind a company's proxy.",
    remedy: `Point NODE_EXTRA_CA_CERTS and PIP_CERT to the proxy's certificate file, ${AGAIN}.`,
  },
  {
    says: /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|Failed to establish a new connection|Name or service not known|Temporary failure in name resolution|Read timed out|Connection refused|Max retries exceeded|ProxyError|Cannot install pip because/i,
    what: 'The network was not reached.',
    remedy: `Check it with: npm ping; python3 -m pip download --no-deps six (behind a proxy: set HTTPS_PROXY), ${AGAIN}.`,
  },
  {
    says: /EACCES|EPERM|Permission denied|EROFS|Read-only file system/i,
    what: 'A folder cannot be written.',
    remedy: `Give yourself write access to the folder that it names (or set XDG_CACHE_HOME to one of yours), ${AGAIN}.`,
  },
  {
    says: /No matching distribution found|Could not find a version that satisfies/i,
    what: 'The package index does not have a package that this project pins (for this Python).',
    remedy: `Use the public index (see: python3 -m pip config list) or another Python by STILLHOUSE_PYTHON=/path/to/python3.12, ${AGAIN}.`,
  },
  {
    says: /npm ci` can only install packages when/i,
    what: 'package.json and package-lock.json differ.',
    remedy: `Take the committed ones (git checkout package.json package-lock.json), or, if you changed package.json yourself, run: npm install --ignore-scripts, ${AGAIN}.`,
  },
];

/**
 * A failed program as a problem: the cause in a sentence, the remedy, and the end of the program's output.
 * @param {string} label what was being done, for the message
 * @param {string} ended 'exit 1' or 'SIGKILL'
 * @param {string} output
 * @param {string} [remedy] used if the output matches no known cause
 */
export function programProblem(label, ended, output, remedy) {
  const cause = ended === 'SIGKILL' ? KILLED : causes.find(({ says }) => says.test(output));
  const lines = output.split(/[\r\n]+/).filter((line) => line.trim() && !/^(npm http|Progress \d)/.test(line));
  const tail = lines.slice(-8).map((line) => `\n    ${line.slice(0, 300)}`);
  return new SetupProblem(
    `${label} failed (${ended}). ${cause?.what ?? ''}${tail.join('')}`,
    cause?.remedy ?? remedy ?? `Mend what it says ${AGAIN}.`,
  );
}

const KILLED = {
  what: 'It was killed, by somebody or for lack of memory.',
  remedy: `Free 2 GB of memory ${AGAIN}.`,
};

/**
 * Turns a file system's refusal into a problem with a remedy; passes anything else on.
 * @param {unknown} error
 * @param {string} folder where it happened
 */
export function fileProblem(error, folder) {
  const code = /** @type {{ code?: string }} */ (error)?.code;
  const cause = code && causes.find(({ says }) => says.test(code));
  return cause ? new SetupProblem(`${folder}: ${cause.what} (${code})`, cause.remedy, { cause: error }) : error;
}
