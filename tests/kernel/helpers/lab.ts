/** JupyterLab in a headless browser, for tests. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { kernelPath, PYTHON } from './jupyter';

/** What is missing for a test in JupyterLab, in words; undefined if nothing is. */
export function missing(): string | undefined {
  if (!lab()) return 'jupyter-lab is not installed in .venv (STILLHOUSE_JUPYTER_LAB names another)';
  if (!browser()) return 'no Chromium is installed (CHROMIUM names one)';
  return undefined;
}

function lab(): string | undefined {
  return [process.env.STILLHOUSE_JUPYTER_LAB, join(dirname(PYTHON), 'jupyter-lab')].find(
    (file) => file && existsSync(file),
  );
}

function browser(): string | undefined {
  return [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    (file) => file && existsSync(file),
  );
}

/** Every cell is on the page, whether it is looked at or not; no question lies over the screenshots. */
const SETTINGS = {
  '@jupyterlab/notebook-extension/tracker': { windowingMode: 'none' },
  '@jupyterlab/apputils-extension/notification': { fetchNews: 'false', checkForUpdates: false },
};

/** A notebook open in JupyterLab. */
export class Lab {
  private constructor(
    private readonly server: ChildProcess,
    private readonly browser: Browser,
    private readonly port: number,
    readonly page: Page,
  ) {}

  /** Opens `notebook` (a file name) of `folder`. */
  static async open(folder: string, notebook: string): Promise<Lab> {
    const port = await freePort();
    const settings = kernelPath();
    for (const [name, values] of Object.entries(SETTINGS)) {
      const file = join(settings, `${name}.jupyterlab-settings`);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify(values));
    }
    const server = spawn(
      lab()!,
      [
        '--no-browser',
        `--port=${port}`,
        '--ServerApp.port_retries=0',
        '--IdentityProvider.token=test',
        '--ServerApp.allow_root=True',
        '--LabApp.expose_app_in_browser=True',
        '--LabApp.news_url=',
        `--ServerApp.root_dir=${folder}`,
      ],
      {
        env: {
          ...process.env,
          JUPYTER_PATH: kernelPath(),
          JUPYTER_CONFIG_DIR: settings,
          JUPYTERLAB_SETTINGS_DIR: settings,
        },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    await new Promise<void>((resolve, reject) => {
      server.stderr!.on('data', (text) => {
        if (String(text).includes('is running at')) resolve();
      });
      server.once('exit', (code) => reject(new Error(`jupyter-lab ended with code ${code}`)));
    });
    const chrome = await chromium.launch({ executablePath: browser()!, args: ['--no-sandbox'] });
    const page = await chrome.newPage({ viewport: { width: 1280, height: 1100 } });
    const opened = new Lab(server, chrome, port, page);
    await opened.show(notebook);
    return opened;
  }

  /** Opens another notebook of the folder, in a workspace of its own, and waits for its kernel. */
  async show(notebook: string): Promise<void> {
    const workspace = notebook.replace(/\W/g, '-');
    await this.page.goto(`http://127.0.0.1:${this.port}/lab/workspaces/${workspace}/tree/${notebook}?token=test`);
    await this.page.waitForSelector('.jp-Notebook .jp-Cell', { timeout: 90_000 });
    await this.idle();
  }

  /** Runs one of JupyterLab's commands. */
  async command(name: string): Promise<void> {
    await this.page.evaluate(`void window.jupyterapp.commands.execute('${name}')`);
  }

  /** Waits until the kernel is connected and has nothing to do. */
  async idle(): Promise<void> {
    await this.page.waitForFunction(
      `(() => { const s = window.jupyterapp?.shell.currentWidget?.sessionContext; return s?.session?.kernel?.status === 'idle'; })()`,
      undefined,
      { timeout: 90_000 },
    );
  }

  async close(): Promise<void> {
    await this.browser.close();
    const gone = new Promise((resolve) => this.server.once('exit', resolve));
    this.server.kill('SIGTERM');
    await gone;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
