/*!
 * @msgpack/msgpack 3.1.3: encode, decode, Encoder, Decoder of @msgpack/msgpack, bundled
 * Licence: ISC, see LICENSE-msgpack.txt beside this file
 * vendored by tools/vendor.js; do not edit
 */
export { encode, decode, Encoder, Decoder } from '@msgpack/msgpack'
