import { sum } from './sums.js';

export { sum, balance };
