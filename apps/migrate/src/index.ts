export { FLAGS } from './flags.ts';
