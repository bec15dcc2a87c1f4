/** What users get, applied to ourselves. */
export { mochaHooks } from '../../lib/testing/mocha.js';
