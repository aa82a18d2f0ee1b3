/** Loaded before a program: as that ends, tells on descriptor 3 how much memory it held at most, in bytes. */
import { writeSync } from 'node:fs';
import { peakRss } from '../memory.ts';

const REPORT = 3;

process.on('exit', () => {
  writeSync(REPORT, String(peakRss()));
});
