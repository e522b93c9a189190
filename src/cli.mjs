#!/usr/bin/env node
/** `npx stillhouse …`: the command line, without the set-up (npm run setup does that). */
import { register } from 'tsx/esm/api';

register();
await import('./cli.ts');
