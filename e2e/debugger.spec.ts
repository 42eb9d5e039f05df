import AxeBuilder from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import { Screen } from './screen.ts'

/** Computes in registers, then stores what came out: lines are spoken of by what they hold. */
const PROGRAM = `#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <immintrin.h>

struct point { int32_t x, y; };
struct log { uint64_t tail; struct point points[4]; };
int calls;

static int collatz(int n) {
  int count = 0;
  while (n != 1) {
    n = n % 2 ? 3 * n + 1 : n / 2;
    count++;
  }
  calls++;
  return count;
}

int main(void) {
  int fd = open("/dev/dax0.0", O_RDWR);
  struct log *log = mmap(0, 2 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  struct point p = { 3, -4 };
  int length = collatz(27);
  log->points[1] = p;
  log->tail = length;
  _mm_clwb(&log->tail);
  _mm_sfence();
  length = collatz(6);
  log->tail = length;
  return 0;
}
`
const lineOf = (text: string): number => PROGRAM.split('\n').findIndex((line) => line.includes(text)) + 1

class Debugger extends Screen {
  readonly variables = this.page.getByRole('region', { name: 'Variables' })
  readonly place = this.page.getByTestId('place')

  static async withProgram(page: Page, granularity: string): Promise<Debugger> {
    const { page: same } = await Screen.open(page)
    const screen = new Debugger(same)
    await screen.write(PROGRAM)
    await page.getByRole('combobox', { name: 'step by' }).selectOption(granularity)
    await screen.leave()
    return screen
  }

  /** The keyboard is with the page, and with no field of it. */
  async leave(): Promise<void> {
    await this.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  }

  value(name: string): Promise<string> {
    const item = this.variables
      .getByRole('treeitem', { name: new RegExp(`^${name.replaceAll(/[^\w ]/g, '\\$&')}: `) })
      .first()
    return item.getAttribute('aria-label').then((label) => label ?? '')
  }

  /** The line that is marked as the current one. */
  async line(): Promise<string> {
    return (await this.page.locator('.line-current').textContent()) ?? ''
  }

  tab(name: string | RegExp) {
    return this.variables.getByRole('tab', { name })
  }

  async check(where: string): Promise<void> {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
    const { violations } = await new AxeBuilder({ page: this.page }).withTags(tags).analyze()
    const found = violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))
    expect(found, where).toEqual([])
  }
}

/** Comes to the line by statements. */
async function stepTo(screen: Debugger, text: string, key = 'F10', most = 12): Promise<void> {
  for (let i = 0; i < most && !(await screen.line()).includes(text); i++) await screen.press(key)
  expect(await screen.line()).toContain(text)
}

test('by statement into a loop in registers, and back the same way: line, variables and place agree', async ({
  page,
}) => {
  const screen = await Debugger.withProgram(page, 'statement')
  await stepTo(screen, 'int length = collatz(27)')
  await screen.press('F11')
  await stepTo(screen, 'n = n % 2')
  expect(await screen.value('n')).toBe('n: 27')
  const picture = [await screen.place.textContent(), await screen.variables.textContent()]
  expect(picture[0]).toMatch(/step \d+ \/ \d+ \+ \d+ ticks/)
  await screen.press('F10')
  expect(await screen.value('n')).toBe('n: 82, changed')
  expect(await screen.line()).toContain('count++')
  await expect(screen.stack).toContainText(`program:${lineOf('count++')}`)
  await screen.press('Shift+F10')
  expect(await screen.line()).toContain('n = n % 2')
  expect(await screen.value('n')).toBe('n: 27, changed')
  expect(await screen.place.textContent()).toBe(picture[0])
  await screen.press('Shift+F11')
  expect(await screen.value('length')).toMatch(/^length: /)
})

test('a single instruction is a tick, an event of memory none', async ({ page }) => {
  const screen = await Debugger.withProgram(page, 'instruction')
  const ticks = async (): Promise<number> =>
    Number(/\+ ([\d,]+) tick/.exec((await screen.place.textContent()) ?? '')?.[1] ?? 0)
  const step = await screen.step()
  await screen.press('F10')
  const [first, then] = [await ticks(), await screen.step()]
  expect(first === 1 || then === step + 1).toBe(true)
  await screen.press('Shift+F10')
  expect([await ticks(), await screen.step()]).toEqual([0, step])
})

test('a condition and a number of hits choose the visit, forwards and in reverse, and the page says where it stopped', async ({
  page,
}) => {
  const screen = await Debugger.withProgram(page, 'event')
  await screen.editor.click()
  await page.keyboard.press('ControlOrMeta+Home')
  for (let i = 1; i < lineOf('count++'); i++) await page.keyboard.press('ArrowDown')
  // Line of the cursor: Shift F9 sets the breakpoint and leads to its condition.
  await screen.press('Shift+F9')
  const condition = page.getByRole('textbox', { name: `Condition at line ${lineOf('count++')}` })
  await expect(condition).toBeFocused()
  await page.keyboard.type('n == 40')
  await screen.press('Enter')
  await screen.leave()
  await screen.press('F8')
  await expect(screen.variables).toContainText('stopped here')
  await expect(page.getByText(`breakpoint, line ${lineOf('count++')}`)).toBeVisible()
  expect(await screen.line()).toContain('count++')
  await screen.tab('Locals').click()
  await screen.idle()
  expect(await screen.value('n')).toBe('n: 40')
  expect(await screen.place.textContent()).toMatch(/ticks?$/)

  await screen.tab(/Breakpoints/).click()
  await condition.fill('')
  await screen.press('Enter')
  await page.getByRole('spinbutton', { name: /Hits/ }).fill('112')
  await screen.leave()
  await screen.press('Home', 'F8')
  await screen.tab('Locals').click()
  await screen.idle()
  // The 112th step is the first one of the second call, from 6 on.
  expect(await screen.value('n')).toMatch(/^n: 3\b/)
  expect(await screen.value('count')).toMatch(/^count: 0/)
  await screen.press('F8')
  expect(await screen.value('n')).toMatch(/^n: 10\b/)
  await screen.press('Shift+F8')
  expect(await screen.value('n')).toMatch(/^n: 3\b/)
})

test('a condition that is no C is shown as such at its breakpoint, and a function stops by its name', async ({
  page,
}) => {
  const screen = await Debugger.withProgram(page, 'event')
  await screen.tab('Breakpoints').click()
  await page.getByRole('textbox', { name: 'Function to stop at' }).fill('collatz')
  await screen.press('Enter')
  await screen.leave()
  await screen.press('F8')
  await expect(page.getByText('breakpoint, collatz()')).toBeVisible()
  const step = await screen.step()
  const condition = page.getByRole('textbox', { name: 'Condition at collatz()' })
  await condition.fill('n ==')
  await screen.press('Enter')
  await screen.leave()
  await screen.press('F8')
  await expect(condition).toHaveAttribute('aria-invalid', 'true')
  expect(await screen.step()).toBe(step)
  await page.getByRole('checkbox', { name: 'Stop at collatz()' }).uncheck()
  await screen.leave()
  await screen.press('F8')
  expect(await screen.step()).toBeGreaterThan(step)
})

test('watches, parts and the way to a cache line, by keyboard alone', async ({ page }) => {
  const screen = await Debugger.withProgram(page, 'statement')
  await stepTo(screen, 'log->tail = length;')
  await screen.press('w')
  const field = page.getByRole('textbox', { name: 'Expression to watch' })
  await expect(field).toBeFocused()
  await page.keyboard.type('log->points[1].x * 2')
  await screen.press('Enter')
  await page.keyboard.type('nonsense')
  await screen.press('Enter')
  expect(await screen.value('log->points[1].x * 2')).toContain(': 6')
  await expect(screen.variables).toContainText('nonsense')
  await page.getByRole('button', { name: 'Watch nonsense no more' }).press('Enter')
  await expect(screen.variables).not.toContainText('nonsense')

  await screen.tab(/Watches/).press('ArrowLeft')
  await expect(screen.tab('Locals')).toBeFocused()
  const tree = page.getByRole('tree', { name: 'Local variables' })
  const focused = tree.locator('[role="treeitem"]:focus')
  // Past the panel itself and the choice of the frame.
  await screen.press('Tab', 'Tab', 'Tab')
  await expect(focused).toHaveCount(1)
  const step = await screen.step()
  for (let i = 0; i < 8 && !/^log: /.test((await focused.getAttribute('aria-label')) ?? ''); i++)
    await screen.press('ArrowDown')
  await expect(focused).toHaveAttribute('aria-label', /^log: 0x\w+, points to \/dev\/dax0\.0 \+ 0/)
  await screen.press('ArrowRight', 'ArrowRight', 'ArrowRight')
  await expect(tree.getByRole('treeitem', { name: /^points: / })).toBeVisible()
  await screen.press('ArrowRight', 'ArrowDown', 'ArrowRight', 'ArrowRight', 'ArrowDown')
  await expect(focused).toHaveAttribute('aria-label', /^\[1\]: \{x = 3, y = -4\}/)
  await screen.press('Enter')
  await expect(screen.inspector).toContainText('/dev/dax0.0 @ 0…63')
  await screen.press('ArrowLeft', 'ArrowLeft', 'ArrowLeft')
  await expect(focused).toHaveAttribute('aria-label', /^\*log: /)
  // The arrows were the tree's, function keys are the page's.
  expect(await screen.step()).toBe(step)
  await screen.press('F10')
  expect(await screen.step()).toBeGreaterThan(step)
})

test('breakpoints follow their lines through an edit', async ({ page }) => {
  const screen = await Debugger.withProgram(page, 'event')
  await screen.editor.click()
  await page.keyboard.press('ControlOrMeta+Home')
  await page.keyboard.press('ArrowDown')
  await screen.press('F9')
  await page.keyboard.press('ControlOrMeta+Home')
  await page.keyboard.type('int more;\n')
  await screen.idle()
  await screen.tab(/Breakpoints/).click()
  await expect(screen.variables).toContainText('line 3')
  await expect(screen.variables).toContainText('#include <stdint.h>')
})

test('into a library function and out of it, by statement', async ({ page }) => {
  const screen = await Debugger.withProgram(page, 'statement')
  await screen.press('F11')
  for (let i = 0; i < 20 && !/^open|mmap/.test((await top(screen)) ?? ''); i++) await screen.press('F11')
  expect(await top(screen)).toMatch(/^(open|mmap)/)
  await screen.press('F11')
  expect(await top(screen)).toMatch(/sys_/)
  await screen.press('Shift+F11')
  expect(await top(screen)).toMatch(/^(open|mmap)/)
  await screen.press('Shift+F11')
  expect(await top(screen)).toMatch(/^(main|open_log)/)
})

/** The innermost call. */
const top = (screen: Screen): Promise<string | null> => screen.stack.getByRole('listitem').first().textContent()

test('a litmus test has no statements to step by', async ({ page }) => {
  const screen = await Screen.open(page)
  await expect(page.getByRole('combobox', { name: 'step by' })).toBeVisible()
  await screen.write('X86_64 MP\n{ x=0; }\nP0 | P1 ;\nmov [x],$1 | mov eax,[x] ;\nexists (1:eax=1)\n')
  await expect(page.getByRole('combobox', { name: 'step by' })).toBeHidden()
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`locals, watches and breakpoints pass axe in the ${colorScheme} theme`, async ({ page }) => {
    await page.emulateMedia({ colorScheme })
    const screen = await Debugger.withProgram(page, 'statement')
    await stepTo(screen, 'log->tail = length;')
    await screen.variables.getByRole('treeitem', { name: /^p: / }).press('ArrowRight')
    await screen.press('F10')
    await screen.check('locals')
    await screen.press('w')
    await page.keyboard.type('length')
    await screen.press('Enter')
    await page.keyboard.type('1 +')
    await screen.press('Enter')
    await screen.check('watches')
    await screen.leave()
    await screen.press('F9')
    await screen.tab(/Breakpoints/).click()
    await page.getByRole('textbox', { name: /Condition at/ }).fill('no such')
    await screen.press('Enter')
    await screen.leave()
    await screen.press('Shift+F8')
    await screen.check('breakpoints')
  })
}

for (const [width, height] of [
  [1440, 900],
  [1024, 768],
  [390, 844],
] as const) {
  test(`at ${width} × ${height} the variables are within reach and nothing jumps when they come`, async ({ page }) => {
    await page.addInitScript(() => {
      const shifts: number[] = []
      Object.assign(window, { shifts })
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          const { value, hadRecentInput } = entry as PerformanceEntry & { value: number; hadRecentInput: boolean }
          if (!hadRecentInput) shifts.push(value)
        }
      }).observe({ type: 'layout-shift', buffered: true })
    })
    await page.setViewportSize({ width, height })
    const { page: same } = await Screen.open(page)
    const screen = new Debugger(same)
    await expect(screen.tab('Locals')).toBeVisible()
    await screen.idle()
    const shifts = await page.evaluate(() => (window as unknown as { shifts: number[] }).shifts)
    expect(shifts.reduce((sum, one) => sum + one, 0)).toBeLessThan(0.05)
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
    const panel = await page.getByRole('tabpanel', { name: 'Locals' }).boundingBox()
    expect(panel?.height).toBeGreaterThan(70)
    if (width < 1200) {
      await screen.tab('Stack').click()
      await expect(screen.stack).toBeVisible()
    }
  })
}
