/**
 * Which layer may import which. `npm test -- layers` checks it; test/guards.test.ts sees violations refused.
 *
 * A layer may import itself and what its row names. `types` may be named in `import type` only. Tests beside the code
 * may also reach into the engine and what feeds it, because a test joins what the code must not.
 */

const ENGINE = 'src/engine/'
/** Files directly in src/engine: the joiner (machine.ts) and what it offers. */
const JOINER = '^src/engine/[^/]+$'
/** The client's in-thread twin: the worker's session without a worker, for tests. */
const TWIN = '^src/client/inline-client\\.ts$'

const layers = [
  {
    folder: 'src/base/',
    why: 'Everything stands on base, so base stands on nothing.',
  },
  {
    folder: 'src/engine/sim/',
    why: 'Recording knows neither hardware nor kernel. The names of events are protocol types.',
    values: ['src/base/'],
    types: ['src/protocol/'],
  },
  {
    folder: 'src/engine/hw/',
    why: 'Hardware sees instructions and bytes, never the kernel that issued them.',
    values: ['src/base/', 'src/engine/sim/'],
  },
  {
    folder: 'src/engine/firmware/',
    why: 'Firmware is bytes in tables; it is built and decoded without any machine.',
    values: ['src/base/'],
  },
  {
    folder: 'src/engine/linux/',
    why: 'The kernel sees tables and instructions, never the hardware behind them nor what a crash leaves.',
    values: ['src/base/', 'src/engine/sim/', 'src/engine/firmware/acpi/'],
  },
  {
    folder: 'src/engine/userspace/',
    why: 'Programs reach the machine through their compiled code and through system calls.',
    values: ['src/base/', 'src/engine/sim/', 'src/engine/linux/', 'src/lang/'],
  },
  {
    folder: 'src/engine/crash/',
    why: 'What may survive is decided on a machine that is handed in, so that any machine can be asked.',
    values: ['src/base/', 'src/engine/sim/'],
  },
  {
    folder: 'src/engine/explore/',
    why: 'The exhaustive search knows the ordering table and nothing else of the hardware: it is the abstract machine.',
    values: ['src/base/', 'src/engine/crash/', 'src/engine/hw/cpu/isa'],
  },
  {
    folder: 'src/engine/litmus/',
    why: 'A litmus test is decided by the search and played on a machine that is handed in.',
    values: ['src/base/', 'src/engine/sim/', 'src/engine/hw/', 'src/engine/explore/', 'src/engine/crash/'],
  },
  {
    folder: 'src/engine/inspect/',
    why: 'What a screen may ask of a recording: it reads the machine that it is given and answers in protocol types.',
    values: ['src/base/', 'src/engine/sim/', 'src/engine/hw/', 'src/engine/linux/', 'src/engine/crash/'],
    types: ['src/protocol/', JOINER, ENGINE],
  },
  {
    folder: 'src/engine/debug/',
    why: 'A debugger looks into the C threads of a recording: it runs them again, beside the machine.',
    values: ['src/base/', 'src/engine/sim/', 'src/engine/userspace/', 'src/engine/inspect/', 'src/lang/'],
    types: ['src/protocol/', JOINER, ENGINE],
  },
  {
    folder: JOINER,
    name: 'src/engine/*.ts',
    why: 'machine.ts joins the parts of the engine; scenarios and questions reach it as plain data.',
    values: [ENGINE, 'src/base/', 'src/lang/'],
    types: ['src/scenario/', 'src/protocol/'],
  },
  {
    folder: 'src/lang/',
    why: 'A compiler needs no machine.',
    values: ['src/base/'],
  },
  {
    folder: 'src/scenario/',
    why: 'Reading a scenario runs nothing. A litmus test is one, too.',
    values: ['src/base/', 'src/lang/', 'src/formats/litmus/'],
    types: [ENGINE],
  },
  {
    folder: 'src/formats/',
    why: 'Importers and exporters turn text into data and back; they run nothing.',
    values: ['src/base/'],
    types: [ENGINE],
  },
  {
    folder: 'src/protocol/',
    why: 'Messages are types: both sides of the worker may know them without pulling in each other.',
    types: ['src/base/', 'src/scenario/', ENGINE],
  },
  {
    folder: 'src/language/',
    why: 'What an editor asks about a text is read from the tables that the program itself works with; nothing runs.',
    values: [
      'src/base/',
      'src/lang/',
      'src/scenario/',
      'src/formats/litmus/looks-like',
      'src/engine/userspace/shell/(commands|ndctl/create-options)',
    ],
    types: ['src/protocol/'],
  },
  {
    folder: 'src/worker/',
    why: 'The worker is a thin shell round the engine; it knows nothing of the page.',
    values: ['src/base/', ENGINE, 'src/language/', 'src/scenario/', 'src/formats/', 'src/protocol/'],
  },
  {
    folder: TWIN,
    name: 'client-twin',
    why: 'The twin holds the very session that the worker holds.',
    values: ['src/base/', 'src/client/', 'src/protocol/', 'src/worker/'],
  },
  {
    folder: 'src/client/',
    except: TWIN,
    why: 'The page knows the engine by its messages only.',
    values: ['src/base/', 'src/protocol/'],
  },
  {
    folder: 'src/share/',
    why: 'A link is a scenario and places in its recording; making one needs no engine.',
    values: ['src/base/', 'src/scenario/'],
    types: ['src/protocol/'],
  },
  {
    folder: 'src/state/',
    why: 'The state of the page is fed by the client and knows no picture of itself.',
    values: [
      'src/base/',
      'src/client/',
      'src/share/',
      'src/scenario/',
      'src/scenarios/',
      'src/lang/c/sections',
      'src/engine/firmware/acpi/nfit-dsl',
    ],
    types: ['src/protocol/'],
  },
  {
    folder: 'src/views/',
    why: 'A view is geometry: a function of a model, without store and without React.',
    values: ['src/base/'],
    types: ['src/protocol/'],
  },
  {
    folder: 'src/ui/',
    why: 'Panels show the state and hand commands back to it. The editor colours a text by what it looks like.',
    values: ['src/base/', 'src/state/', 'src/views/', 'src/formats/litmus/looks-like', 'src/lang/c/sections'],
    types: ['src/protocol/'],
  },
  {
    folder: 'src/cli/',
    why: 'The command is the same engine in Node, without page and worker.',
    values: ['src/base/', ENGINE, 'src/scenario/', 'src/scenarios/', 'src/formats/', 'src/share/', 'package.json'],
    types: ['src/protocol/'],
  },
]

const TEST = '\\.test\\.tsx?$'
/** What tests of any layer may reach besides their own layer's row. */
const TESTS_REACH = ['src/base/', ENGINE, 'src/lang/', 'src/scenario/', 'src/scenarios/', 'src/formats/', 'test/']
/** Packages and Node's own modules: the rules for them are below. */
const NOT_OURS = ['(^|/)node_modules/', '^[a-z_/]+$', '^node:']

const start = (folder) => (folder.startsWith('^') ? folder : `^${folder}`)
const name = (layer) => (layer.name ?? layer.folder.replace(/\/$/, '')).replace(/^src\//, '').replace(/[/*.]+/g, '-')

/** The rules of one row: what may not be imported at all, what only as a type, and the same for tests. */
function rulesOf(layer) {
  const { folder, except, why, values = [], types = [] } = layer
  const own = start(folder)
  const pathNot = except === undefined ? TEST : [TEST, except]
  const reach = [own, ...values.map(start)]
  const rules = [
    {
      name: `${name(layer)}-imports`,
      comment: why,
      severity: 'error',
      from: { path: own, pathNot },
      to: { pathNot: [...reach, ...types.map(start), ...NOT_OURS] },
    },
    {
      name: `${name(layer)}-tests-import`,
      comment: `${why} Its tests may join it to the engine, not to the page.`,
      severity: 'error',
      from: { path: own.replace('^', `^(?=.*${TEST})`) },
      to: { pathNot: [...reach, ...types.map(start), ...TESTS_REACH.map(start), '^src/worker/', ...NOT_OURS] },
    },
  ]
  if (types.length > 0)
    rules.push({
      name: `${name(layer)}-imports-types`,
      comment: `${why} From ${types.join(', ')} it may use types only.`,
      severity: 'error',
      from: { path: own, pathNot },
      to: { path: types.map(start), pathNot: reach, dependencyTypesNot: ['type-only'] },
    })
  return rules
}

/** Below src/engine/linux: who stands on whom, as upstream. Everything stands on the driver core, drivers/base. */
const kernel = [
  {
    name: 'linux-arch-and-lib-at-the-bottom',
    comment:
      'arch/ and lib/ serve the whole kernel and call no subsystem; drivers that upstream keeps in arch/ are drivers.',
    from: '(arch/(?!powerpc/sysdev/)|lib/)',
    to: '(fs/|block/|drivers/(?!base/))',
  },
  {
    name: 'linux-mm-below-fs',
    comment: 'fs/ stands on mm/; mm/ reaches a file through the operations that the file brought.',
    from: 'mm/',
    to: '(fs/|block/|drivers/(?!base/))',
  },
  {
    name: 'linux-block-below-drivers',
    comment: 'A driver registers itself with block/; block/ names no driver and no file system.',
    from: 'block/',
    to: '(fs/|drivers/(?!base/))',
  },
  {
    name: 'linux-fs-above-drivers',
    comment: 'A file system sees block devices and DAX devices, never the driver behind them.',
    from: 'fs/',
    to: 'drivers/(acpi|nvdimm|md)/',
  },
  {
    name: 'linux-nvdimm-below-acpi',
    comment: 'drivers/acpi feeds drivers/nvdimm; the other way there are only operations that it handed over.',
    from: 'drivers/nvdimm/',
    to: '(fs/ext|fs/xfs|drivers/(acpi|md)/)',
  },
  {
    name: 'linux-dax-below-nvdimm',
    comment: 'drivers/dax serves pmem and device mapper; only its own pmem part knows a namespace.',
    from: 'drivers/dax/',
    fromNot: 'drivers/dax/pmem',
    to: '(drivers/(acpi|nvdimm|md)|fs/ext|fs/xfs)/',
  },
  {
    name: 'linux-md-on-block-and-dax',
    comment: 'Device mapper stacks block and DAX devices without knowing what they are.',
    from: 'drivers/md/',
    to: '(fs|drivers/(acpi|nvdimm))/',
  },
].map(({ name, comment, from, fromNot, to }) => ({
  name,
  comment,
  severity: 'error',
  from: { path: `^src/engine/linux/${from}`, pathNot: [TEST, ...(fromNot ? [`^src/engine/linux/${fromNot}`] : [])] },
  to: { path: `^src/engine/linux/${to}` },
}))

/** A package and the only places that may use it. */
const packages = [
  ['react(-dom)?|scheduler', ['^src/ui/', '^src/main\\.tsx$'], 'React draws panels; nothing else knows it.'],
  ['(@codemirror|@lezer)/[^/]+', ['^src/ui/'], 'The editor is a panel.'],
  ['d3-[^/]+|@types/d3-[^/]+', ['^src/views/'], 'Geometry is computed in views.'],
  ['zustand', ['^src/state/', '^src/ui/app-context\\.ts$'], 'The store is read through one hook.'],
  ['yaml', ['^src/scenario/'], 'Front matter is read in one place.'],
  ['valibot', ['^src/share/'], 'Links are the only data from outside that a schema describes.'],
].map(([what, places, comment]) => ({
  name: `only-here-${what.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')}`,
  comment,
  severity: 'error',
  from: { path: '^src/', pathNot: [TEST, ...places] },
  to: { path: `(^|/)node_modules/(${what})/` },
}))

export default {
  forbidden: [
    ...layers.flatMap(rulesOf),
    ...kernel,
    ...packages,
    {
      name: 'no-whole-d3',
      comment: 'The whole d3 is ten times what the views need; its modules come one by one.',
      severity: 'error',
      from: {},
      to: { path: '(^|/)node_modules/d3/|^d3$' },
    },
    {
      name: 'every-file-in-a-layer',
      comment: 'src/ holds main.tsx and the layers; a new folder gets its row above first.',
      severity: 'error',
      from: {},
      to: {
        path: '^src/',
        pathNot: ['^src/main\\.tsx$', '^src/scenarios/', ...layers.map(({ folder }) => start(folder))],
      },
    },
    {
      name: 'node-in-the-command-only',
      comment: 'Everything but the command runs in a browser.',
      severity: 'error',
      from: { path: '^src/', pathNot: [TEST, '^src/cli/'] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-tests-in-the-product',
      comment: 'What tests share lives in test/ and stays out of the product.',
      severity: 'error',
      from: { path: '^src/', pathNot: TEST },
      to: { path: [TEST, '^(test|e2e|bench|scripts)/'] },
    },
    {
      name: 'no-twin-in-the-product',
      comment: 'With the twin the page would compute what the worker computes.',
      severity: 'error',
      from: { path: '^src/', pathNot: TEST },
      to: { path: TWIN },
    },
    {
      name: 'no-development-packages-in-the-product',
      comment: 'What the product imports is listed under "dependencies".',
      severity: 'error',
      from: { path: '^src/', pathNot: TEST },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or three. Types alone may refer to each other.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'every-import-leads-somewhere',
      comment: 'An import that this check cannot follow would escape every rule above.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    parser: 'tsc',
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: '(^|/)node_modules/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.d.ts', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
    },
  },
}
