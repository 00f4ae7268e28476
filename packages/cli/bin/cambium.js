#!/usr/bin/env node
import { build } from './build.mjs';

build();
const { main } = await import('../dist/index.js');
await main(process.argv);
