import AxeBuilder from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import { Screen } from './screen.ts'

const PROGRAM = `#include <fcntl.h>
#include <immintrin.h>
#include <stdint.h>
#include <sys/mman.h>

struct head { uint64_t tail; uint32_t flags[2]; };
static int calls;

static uint64_t sum_of(const char *text, int length) {
  uint64_t sum = 7;
  for (int i = 0; i < length; i++)
    sum = sum * 31 + text[i];
  calls++;
  return sum;
}

int main(void) {
  int fd = open("/dev/dax0.0", O_RDWR);
  struct head *head = mmap(0, 2 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  head->tail = sum_of("persistent", 10);
  _mm_clwb(head);
  _mm_sfence();
  head->flags[1] = sum_of("memory", 6);
  return 0;
}
`
const line = (text: string): number => PROGRAM.split('\n').findIndex((each) => each.includes(text)) + 1

async function opened(page: Page): Promise<Screen> {
  const screen = await Screen.open(page)
  await expect(screen.editor).toBeVisible()
  await screen.editor.focus()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText(PROGRAM)
  await page.waitForTimeout(500)
  await screen.idle()
  await page.locator('body').click({ position: { x: 4, y: 4 } })
  return screen
}

const variables = (page: Page) => page.getByRole('region', { name: 'Variables' })
const local = (page: Page, name: string) =>
  variables(page)
    .locator('.value')
    .filter({ has: page.getByRole('button', { name, exact: true }) })
const current = (page: Page) => page.locator('.line-current')

test('by statement through a loop that memory sees nothing of, and back to the same values', async ({ page }) => {
  const screen = await opened(page)
  await page.getByLabel('step by').selectOption('statement')
  await page.keyboard.press('Escape')
  for (let i = 0; i < 30 && !((await current(page).textContent()) ?? '').includes('sum = sum * 31'); i++)
    await screen.press('F11')
  await expect(current(page)).toContainText('sum = sum * 31')
  await expect(local(page, 'i')).toContainText('0')
  await expect(local(page, 'sum')).toContainText('7')
  await expect(local(page, 'text')).toContainText('"persistent"')
  const step = await screen.step()
  const values = async () => (await variables(page).textContent()) ?? ''
  const seen = [await values()]
  for (let i = 0; i < 5; i++) {
    await screen.press('F10')
    seen.push(await values())
  }
  // 7 * 31 + 'p'.
  expect(seen.join()).toContain('329')
  expect(await screen.step()).toBe(step)
  await expect(page.getByTestId('place')).toContainText('+')
  for (const [i, text] of seen.slice(0, -1).reverse().entries()) {
    await screen.press('Shift+F10')
    expect((await values()).replaceAll(' (changed)', ''), `${i + 1} back`).toBe(text.replaceAll(' (changed)', ''))
  }
  await page.getByLabel('step by').selectOption('instruction')
  await page.keyboard.press('Escape')
  await screen.press('F10')
  await screen.press('Shift+F10')
  expect((await values()).replaceAll(' (changed)', '')).toBe(seen[0]?.replaceAll(' (changed)', ''))
})

test('a pointer into the file leads to its cache line, its parts open with their places', async ({ page }) => {
  const screen = await opened(page)
  await screen.press('End')
  await page.getByLabel('step by').selectOption('statement')
  await page.keyboard.press('Escape')
  await screen.press('Shift+F10', 'Shift+F10')
  await expect(current(page)).toContainText('return 0')
  const head = local(page, 'head')
  await head.getByRole('button', { name: 'head' }).click()
  await screen.idle()
  const star = variables(page).getByRole('list', { name: 'Parts of head' })
  await star.getByRole('button', { name: '*head' }).click()
  await screen.idle()
  await expect(variables(page)).toContainText(/SPA 0x[\w]+ → NVDIMM 0, DPA 0x/)
  await expect(local(page, 'tail')).toContainText(/\d{6}/)
  await head.getByRole('button', { name: '/dev/dax0.0 + 0' }).click()
  await screen.idle()
  await expect(screen.inspector).toContainText('/dev/dax0.0 @ 0…63')
  await expect(screen.inspector.getByRole('button', { name: 'pinned' })).toBeVisible()
  await variables(page).getByRole('button', { name: 'Globals' }).click()
  await screen.idle()
  await expect(local(page, 'calls')).toContainText('2')
})

test('a condition and a number of hits stop the program there, forwards and backwards; watches follow', async ({
  page,
}) => {
  const screen = await opened(page)
  await screen.editor.focus()
  await page.keyboard.press('Control+Home')
  for (let i = 1; i < line('sum = sum * 31'); i++) await page.keyboard.press('ArrowDown')
  await screen.press('F9')
  await page.keyboard.press('Escape')
  await variables(page)
    .getByRole('tab', { name: /Breakpoints/ })
    .click()
  const condition = page.getByLabel(`Condition at line ${line('sum = sum * 31')}`)
  await condition.fill('i % 2 == 1')
  await condition.press('Enter')
  await page.getByLabel('Hits at line').fill('5')
  await screen.idle()
  await variables(page)
    .getByRole('tab', { name: /Watches/ })
    .click()
  for (const text of ['i', 'text[i]', 'i = 3', 'nothing + 1']) {
    await page.getByLabel('Expression to watch').fill(text)
    await page.keyboard.press('Enter')
    await screen.idle()
  }
  await page.locator('body').click({ position: { x: 4, y: 4 } })
  await screen.press('F8')
  // 1, 3, 5, 7, and the fifth time 9.
  await expect(current(page)).toContainText('sum = sum * 31')
  await expect(local(page, 'i')).toContainText('9')
  await expect(local(page, 'text[i]')).toContainText("'t'")
  await expect(variables(page)).toContainText("'=' would change the program")
  await expect(variables(page)).toContainText(/'nothing'/)
  const first = await page.getByTestId('place').textContent()
  await screen.press('F8')
  await expect(local(page, 'i')).toContainText('1')
  await screen.press('F8', 'F8')
  await expect(local(page, 'i')).toContainText('5')
  await screen.press('Shift+F8', 'Shift+F8', 'Shift+F8')
  expect(await page.getByTestId('place').textContent()).toBe(first)
  await variables(page)
    .getByRole('tab', { name: /Breakpoints/ })
    .click()
  await expect(variables(page).locator('[aria-current]')).toContainText('line')
  await condition.fill('nowhere == 1')
  await condition.press('Enter')
  await screen.idle()
  await page.locator('body').click({ position: { x: 4, y: 4 } })
  await screen.press('F8')
  await expect(variables(page)).toContainText(/'nowhere'/)
})

test('a function of the kernel stops it too; a breakpoint that is switched off does not', async ({ page }) => {
  const screen = await opened(page)
  await variables(page)
    .getByRole('tab', { name: /Breakpoints/ })
    .click()
  await page.getByLabel('Function to stop at').fill('dax_mmap')
  await page.keyboard.press('Enter')
  await page.locator('body').click({ position: { x: 4, y: 4 } })
  await screen.press('F8')
  await expect(screen.stack).toContainText('dax_mmap')
  await page.getByLabel('Stop at dax_mmap()').uncheck()
  await page.locator('body').click({ position: { x: 4, y: 4 } })
  await screen.press('Home', 'F8')
  await expect(screen.stack).not.toContainText('dax_mmap')
})

test('a breakpoint stays with its line while one types above it', async ({ page }) => {
  const screen = await opened(page)
  await screen.editor.focus()
  await page.keyboard.press('Control+Home')
  for (let i = 1; i < line('calls++'); i++) await page.keyboard.press('ArrowDown')
  await screen.press('F9')
  await page.keyboard.press('Control+Home')
  await page.keyboard.insertText('// a line more\n')
  await page.waitForTimeout(500)
  await screen.idle()
  await page.keyboard.press('Escape')
  await variables(page)
    .getByRole('tab', { name: /Breakpoints/ })
    .click()
  await expect(variables(page)).toContainText(`line ${line('calls++') + 1}`)
  await expect(variables(page)).toContainText('calls++')
})

for (const scheme of ['light', 'dark'] as const)
  test(`variables, watches and breakpoints pass axe in the ${scheme} theme`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme })
    const screen = await opened(page)
    await screen.press('End')
    for (const tab of ['Locals', 'Watches', 'Breakpoints']) {
      await variables(page).getByRole('tab', { name: tab }).click()
      if (tab === 'Watches') {
        await page.getByLabel('Expression to watch').fill('calls')
        await page.keyboard.press('Enter')
      }
      if (tab === 'Breakpoints') {
        await page.getByLabel('Function to stop at').fill('main')
        await page.keyboard.press('Enter')
      }
      await screen.idle()
      const { violations } = await new AxeBuilder({ page }).include('.debug').include('.transport').analyze()
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`)).toEqual([])
    }
  })

test('on a phone the variables are on the page, and nothing is wider than it', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  const screen = await opened(page)
  await screen.press('End')
  await variables(page).scrollIntoViewIfNeeded()
  await expect(variables(page)).toBeInViewport()
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
})
