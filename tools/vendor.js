// @ts-check
/**
 * Foreign modules as single files in the repository, so that a page needs no build and no other
 * host, and the wheel and the package are whole.
 *
 *     npm run vendor               write them anew, out of node_modules
 *     npm run vendor -- --check    say what is not as it should be; works without node_modules, too
 *
 * Which version is vendored is said in package.json alone; nothing here knows one. A file is what
 * its package ships as an ES module, below a header. Bare imports stay: an import map has them.
 */

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/**
 * `source` is the module's name as one imports it. With `names`, only these are taken, bundled
 * into one file (the package ships many); `types` writes a `.d.ts` beside, for relative imports.
 * With `asset`, it is no module, but that file of the package, byte for byte.
 * @typedef {{ source: string, names?: string[], types?: boolean, asset?: string }} Recipe
 * @typedef {{ name: string, version: string, license: string, folder: string }} Package
 * @typedef {{ name: string, version: string, license: string, licenseText: string, sha256: string }} Entry
 * @typedef {Map<string, string | Buffer>} Files
 */

/** Headings are set in it. The axis is the weight, 300 to 700. */
const FONT = '@fontsource-variable/fredoka'

/** @type {Record<string, Record<string, Recipe>>} */
const FOLDERS = {
  'client_facade/js/vendor': {
    'partysocket.js': { source: 'partysocket/ws', types: true },
    'msgpack.js': {
      source: '@msgpack/msgpack',
      names: ['encode', 'decode', 'Encoder', 'Decoder'],
      types: true,
    },
  },
  'machine_party/server/pages/vendor': {
    'preact.js': { source: 'preact' },
    'preact-hooks.js': { source: 'preact/hooks' },
    'signals.js': { source: '@preact/signals' },
    'signals-core.js': { source: '@preact/signals-core' },
    'htm.js': { source: 'htm' },
    'fredoka-latin.woff2': { source: FONT, asset: 'files/fredoka-latin-wght-normal.woff2' },
    'fredoka-latin-ext.woff2': { source: FONT, asset: 'files/fredoka-latin-ext-wght-normal.woff2' },
  },
}

const INDEX = 'vendor.json'

// -- what a package ships --------------------------------------------------------------------

/** @param {string} source @returns {string} the file that `import` would load */
const resolve = (source) => fileURLToPath(import.meta.resolve(source))

/** @param {string} source @returns {string} */
const packageName = (source) =>
  source
    .split('/')
    .slice(0, source.startsWith('@') ? 2 : 1)
    .join('/')

/** @param {string} source @returns {Package} */
function packageOf(source) {
  const folder = join(ROOT, 'node_modules', packageName(source))
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return { name, version, license, folder }
}

/** @param {Package} from @returns {string} the package's own licence text */
function licenseText({ name, folder }) {
  const file = readdirSync(folder).find((each) => /^licen[sc]e(\.\w+)?$/i.test(each))
  if (!file) throw new Error(`${name} ships no licence text; it cannot be vendored`)
  return `${readFileSync(join(folder, file), 'utf8').trimEnd()}\n`
}

/** @param {Package} from @returns {string} */
const licenseFile = ({ name }) => `LICENSE-${basename(name)}.txt`

/** @param {Recipe} recipe @returns {Promise<string>} */
function code({ source, names }) {
  return names ? bundle(source, names) : readFile(resolve(source), 'utf8')
}

/** @param {string} source @param {string[]} names @returns {Promise<string>} */
async function bundle(source, names) {
  const { build } = await import('esbuild')
  const { outputFiles } = await build({
    stdin: { contents: `export { ${names.join(', ')} } from '${source}'`, resolveDir: ROOT },
    absWorkingDir: ROOT,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    write: false,
  })
  return /** @type {{ text: string }} */ (outputFiles[0]).text
}

// -- what is written -------------------------------------------------------------------------

/** @param {Package} from @param {Recipe} recipe @returns {string} */
function header(from, { source, names }) {
  const what = names ? `${names.join(', ')} of ${source}, bundled` : `${source}, as shipped`
  return [
    '/*!',
    ` * ${from.name} ${from.version}: ${what}`,
    ` * Licence: ${from.license}, see ${licenseFile(from)} beside this file`,
    ' * vendored by tools/vendor.js; do not edit',
    ' */',
    '',
  ].join('\n')
}

/** @param {string} text @returns {string} its source map is not vendored */
const withoutSourceMap = (text) => `${text.replace(/\/\/# sourceMappingURL=\S*/g, '').trimEnd()}\n`

/** @param {Recipe} recipe @returns {string} types are the installed package's, for tsc alone */
const typesOf = ({ source, names }) =>
  `export { ${names?.join(', ') ?? 'default'} } from '${source}'\n`

/** @param {Package} from @param {Recipe} recipe @returns {Promise<string | Buffer>} */
async function content(from, recipe) {
  if (recipe.asset) return readFile(join(from.folder, recipe.asset))
  return header(from, recipe) + withoutSourceMap(await code(recipe))
}

/** @param {string | Buffer} content @returns {string} */
const sha256 = (content) => createHash('sha256').update(content).digest('hex')

/** @param {Record<string, Recipe>} recipes @returns {Promise<Files>} all that belongs in a folder */
async function filesOf(recipes) {
  const files = /** @type {Files} */ (new Map())
  const index = /** @type {Record<string, Entry>} */ ({})
  for (const [file, recipe] of Object.entries(recipes)) {
    const from = packageOf(recipe.source)
    const whole = await content(from, recipe)
    files.set(file, whole).set(licenseFile(from), licenseText(from))
    if (recipe.types) files.set(file.replace(/js$/, 'd.ts'), header(from, recipe) + typesOf(recipe))
    const { name, version, license } = from
    index[file] = { name, version, license, licenseText: licenseFile(from), sha256: sha256(whole) }
  }
  return files.set(INDEX, `${JSON.stringify(index, null, 2)}\n`)
}

/** @param {string} folder @param {Files} files */
function write(folder, files) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const [file, whole] of files) writeFileSync(join(folder, file), whole)
}

// -- the check -------------------------------------------------------------------------------

/** @param {string} path @returns {Buffer | undefined} */
const read = (path) => (existsSync(path) ? readFileSync(path) : undefined)

/** @returns {Record<string, string>} the version of each package that package-lock.json pins */
function pinned() {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'))
  const versions = /** @type {Record<string, string>} */ ({})
  for (const [path, { version }] of Object.entries(packages))
    versions[path.replace('node_modules/', '')] = version
  return versions
}

/** Without node_modules: the files are those of the index, in the versions that are pinned.
 * @param {string} folder @param {Record<string, Recipe>} recipes @returns {string[]} */
function offlineFaults(folder, recipes) {
  const faults = []
  const index = JSON.parse(read(join(folder, INDEX))?.toString() ?? '{}')
  const versions = pinned()
  for (const [file, { source }] of Object.entries(recipes)) {
    const entry = /** @type {Entry | undefined} */ (index[file])
    if (!entry) faults.push(`${file} is not in ${INDEX}`)
    else if (entry.version !== versions[packageName(source)])
      faults.push(`${file} is ${entry.version}, package-lock.json pins another version`)
    else if (sha256(read(join(folder, file)) ?? '') !== entry.sha256)
      faults.push(`${file} is missing or has been edited`)
    else if (!existsSync(join(folder, entry.licenseText)))
      faults.push(`${entry.licenseText} is missing`)
  }
  return faults
}

/** With node_modules: what would be written is what is there, and nothing else is.
 * @param {string} folder @param {Record<string, Recipe>} recipes @returns {Promise<string[]>} */
async function rebuildFaults(folder, recipes) {
  const files = await filesOf(recipes)
  const stray = readdirSync(folder).filter((file) => !files.has(file))
  const stale = [...files].filter(
    ([file, whole]) => !read(join(folder, file))?.equals(Buffer.from(whole)),
  )
  return [
    ...stray.map((file) => `${file} does not belong here`),
    ...stale.map(([file]) => `${file} is not what a rebuild gives`),
  ]
}

/** @param {Record<string, Recipe>} recipes @returns {boolean} */
const installed = (recipes) =>
  Object.values(recipes).every(({ source }) =>
    existsSync(join(ROOT, 'node_modules', packageName(source), 'package.json')),
  )

/** @returns {Promise<string[]>} */
async function faults() {
  const found = []
  for (const [folder, recipes] of Object.entries(FOLDERS)) {
    const path = join(ROOT, folder)
    const here = offlineFaults(path, recipes)
    if (!here.length && installed(recipes)) here.push(...(await rebuildFaults(path, recipes)))
    found.push(...here.map((fault) => `${folder}: ${fault}`))
  }
  return found
}

// -- the command -----------------------------------------------------------------------------

if (process.argv.includes('--check')) {
  const found = await faults()
  for (const fault of found) console.error(fault)
  if (found.length) console.error('npm run vendor writes the vendored files anew')
  process.exitCode = found.length ? 1 : 0
} else {
  for (const [folder, recipes] of Object.entries(FOLDERS))
    write(join(ROOT, folder), await filesOf(recipes))
}
