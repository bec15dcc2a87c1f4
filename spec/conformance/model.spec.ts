/** The model is judged by the recorded scripts before anything is judged by the model. */

import { expect } from 'chai';
import { runModel } from './model.js';
import { scripted } from './traces.js';

describe('the model of the ring', () => {
  it('is judged by all 20 recorded scripts', () => {
    expect(scripted).to.have.length(20);
  });

  for (const { id, name, script, expected } of scripted) {
    it(`tells ${id} ${name} as it was recorded`, () => {
      expect(runModel(script)).to.deep.equal(expected);
    });
  }
});
