/*!
 * partysocket 1.3.0: partysocket/ws, as shipped
 * Licence: MIT, see LICENSE-partysocket.txt beside this file
 * vendored by tools/vendor.js; do not edit
 */
export { default } from 'partysocket/ws'
