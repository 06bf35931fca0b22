// The Riddle scorer in Node: this file and riddle.node beside it (riddle_node.c says how to compile it). No dependency.
//
//   const { Router } = require('./riddle');
//   const router = Router.open('router.riddle');
//   console.log(router.decide('How do I reset my password?', { userTier: 'premium' }));
//
// A router belongs to the thread that opened it; a worker opens its own.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const native = require(process.env.RIDDLE_NODE || path.join(__dirname, 'riddle.node'));

/** Bytes as they are; a string as UTF-8. */
function utf8(text) {
  if (typeof text === 'string') return Buffer.from(text, 'utf8');
  if (text instanceof Uint8Array) return text;
  throw new TypeError('expected a string or a Uint8Array');
}

class Router {
  #handle;
  #out = new Float64Array(4);

  /** Makes a router from the bytes of a weight file. Throws an Error that says why they were refused. */
  constructor(bytes) {
    this.#handle = native.open(utf8(bytes));
    /** Names of the candidates, cheapest first. */
    this.candidates = native.candidates(this.#handle);
  }

  static open(file) {
    try {
      return new Router(fs.readFileSync(file));
    } catch (error) {
      error.message = `${file}: ${error.message}`;
      throw error;
    }
  }

  /** Decides one query: a string or bytes. */
  decide(text, { turn = 0, userTier = '', taskType = '', domain = '', embedding = null } = {}) {
    const numbers = embedding === null ? null : Float32Array.from(embedding);
    native.decide(this.#handle, utf8(text), turn, utf8(userTier), utf8(taskType), utf8(domain), numbers, this.#out);
    const [candidate, margin, threshold, probability] = this.#out;
    return { candidate: this.candidates[candidate], margin, threshold, probability };
  }

  /** Decides many queries in one call. Returns typed arrays; candidates are indices. */
  decideBatch(texts) {
    const encoded = texts.map(utf8);
    const offsets = new BigUint64Array(encoded.length + 1);
    let end = 0;
    encoded.forEach((text, i) => { end += text.length; offsets[i + 1] = BigInt(end); });
    const candidates = new Uint32Array(encoded.length);
    const margins = new Float64Array(encoded.length);
    const probabilities = new Float64Array(encoded.length);
    native.decideBatch(this.#handle, Buffer.concat(encoded), offsets, candidates, margins, probabilities);
    return { candidates, margins, probabilities };
  }
}

module.exports = { Router };
