import AxeBuilder from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import { Screen } from './screen.ts'

const PROGRAM = `#include <immintrin.h>
struct log {
  char kind;
  char text[60];
  long length;
};
int main(void) {
  struct log log;
  `

const completions = (page: Page) => page.getByRole('listbox', { name: 'Completions' })
const chosen = (page: Page) => completions(page).getByRole('option', { selected: true })

test('members, functions and their words while one types; arrows, Enter and Escape', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.write(PROGRAM)
  await page.keyboard.type('log.')
  await expect(completions(page)).toContainText('kind')
  await page.keyboard.press('ArrowDown')
  await expect(chosen(page)).toContainText('text')
  await expect(page.locator('.completion-info')).toHaveText(/char text\[60\].*Offset 1, 60 bytes, in cache line 0/)
  await expect(screen.editor).toHaveAttribute('aria-activedescendant', /completions-1/)
  await page.keyboard.press('Enter')
  await expect(completions(page)).toBeHidden()
  await page.keyboard.type(' = 0; _mm_clw')
  await expect(chosen(page)).toContainText('_mm_clwb')
  await expect(page.locator('.completion-info')).toContainText('persistence domain')
  await page.keyboard.press('Escape')
  await expect(completions(page)).toBeHidden()
  await expect(screen.editor).toContainText('log.text = 0; _mm_clw')
  await expect(screen.editor).toBeFocused()
  await page.keyboard.press('Control+Space')
  await expect(chosen(page)).toContainText('_mm_clwb')
  await page.keyboard.press('Tab')
  await expect(screen.editor).toContainText('_mm_clwb')
  await expect(screen.editor).toBeFocused()
})

test('keys, values and commands of the front matter', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.write('---\nmachine:\n')
  await page.keyboard.type('  power')
  await expect(chosen(page)).toContainText('power_fail')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Control+Space')
  await expect(completions(page)).toHaveText(/none.*adr.*eadr/)
  await page.keyboard.press('Escape')
  await screen.write('---\nsetup: |\n')
  await page.keyboard.type('  nd')
  await page.keyboard.press('Control+Space')
  await expect(chosen(page)).toContainText('ndctl')
})

test('F1 and the pointer explain what stands there', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.editor.getByText('_mm_clwb', { exact: false }).first().click()
  // Where the pointer rests it explains, too.
  await page.mouse.move(2, 2)
  await page.keyboard.press('Home')
  for (let i = 0; i < 8; i++) await page.keyboard.press('ArrowRight')
  await page.keyboard.press('F1')
  await expect(page.locator('.explanation').first()).toContainText('void _mm_clwb(const void *p)')
  await page.keyboard.press('Escape')
  await expect(page.locator('.explanation')).toHaveCount(0)
  await screen.editor
    .getByText('_mm_sfence', { exact: false })
    .first()
    .hover({ position: { x: 40, y: 8 } })
  await expect(page.locator('.explanation').last()).toContainText('void _mm_sfence(void)')
})

test('several mistakes are underlined while one types, and go when they are mended', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.write('int main(void) {\n  int a = b;\n  c = 1;\n  return d;\n}\n')
  await expect(page.locator('.cm-lintRange-error')).toHaveText(['b', 'c', 'd'])
  await expect(screen.problems.getByRole('listitem')).toHaveCount(3)
  await screen.write('int main(void) {\n  int a = 1;\n  return a;\n}\n')
  await expect(page.locator('.cm-lintRange-error')).toHaveCount(0)
  await page.keyboard.press('ControlOrMeta+End')
  await page.keyboard.type('int f(void) {{} return nowhere;')
  await expect(page.locator('.cm-lintRange-error').first()).toBeVisible()
})

test('each member’s cache line, offset and padding stand beside it, and follow the text', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.write(`${PROGRAM}return 0;\n}\n`)
  const notes = page.locator('.member-note')
  await expect(notes).toHaveText([
    'struct log: 72 B, aligned to 8',
    'at 0, 1 B',
    'at 1, 60 B, then 3 B unused',
    'at 64, 8 B',
  ])
  await expect(page.locator('.cache-line')).toHaveText(['0', '0', '1'])
  await screen.write(`struct s {\n  char a[60];\n  char b[8];\n};\nint main(void) { return 0; }\n`)
  await expect(page.locator('.cache-line.crosses')).toHaveText('0–1')
  await expect(notes.nth(2)).toHaveText('at 60, 8 B, crosses into line 1')
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`list, explanation and notes pass axe in the ${colorScheme} theme, and fit a phone`, async ({ page }) => {
    await page.emulateMedia({ colorScheme })
    const screen = await Screen.open(page)
    const check = async (where: string): Promise<void> => {
      const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa']).analyze()
      const found = violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))
      expect(found, where).toEqual([])
    }
    await screen.write(`${PROGRAM}log.`)
    await page.keyboard.press('Control+Space')
    await expect(completions(page)).toBeVisible()
    await check('the list')
    for (const [width, height] of [
      [1440, 900],
      [1024, 768],
      [390, 844],
    ] as const) {
      await page.setViewportSize({ width, height })
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
    }
    await page.keyboard.press('Escape')
    await page.keyboard.press('F1')
    await check('with notes')
  })
}

test('what is saved by key, as a scenario and as C, opens again as the same', async ({ page }) => {
  // A browser that cannot ask where downloads instead.
  await page.addInitScript(() => Reflect.deleteProperty(window, 'showSaveFilePicker'))
  const screen = await Screen.open(page)
  await screen.write('---\ntitle: Two words\n---\nint main(void) { return 0; }\n')
  await screen.idle()
  const waiting = page.waitForEvent('download')
  await page.keyboard.press('ControlOrMeta+Shift+S')
  const whole = await waiting
  expect(whole.suggestedFilename()).toBe('two-words.pmem')
  const path = await whole.path()
  await screen.press('ControlOrMeta+k')
  const second = page.waitForEvent('download')
  await page.getByRole('combobox', { name: /^Command/ }).fill('C alone')
  await page.keyboard.press('Enter')
  expect((await second).suggestedFilename()).toBe('two-words.c')
  await screen.write('int main(void) { return 1; }\n')
  const chooser = page.waitForEvent('filechooser')
  await page.keyboard.press('ControlOrMeta+o')
  await (await chooser).setFiles({
    name: 'again.pmem',
    mimeType: 'text/plain',
    buffer: await import('node:fs/promises').then(({ readFile }) => readFile(path)),
  })
  await screen.idle()
  await expect(screen.editor).toContainText('title: Two words')
})

test('a browser that can ask writes where the person says', async ({ page }) => {
  await page.addInitScript(() => {
    const written: string[] = []
    const handle = {
      name: 'chosen.pmem',
      createWritable: () =>
        Promise.resolve({
          write: (text: string) => Promise.resolve(void written.push(text)),
          close: () => Promise.resolve(),
        }),
    }
    Object.assign(window, { written, showSaveFilePicker: () => Promise.resolve(handle) })
  })
  const screen = await Screen.open(page)
  await screen.press('ControlOrMeta+Shift+S')
  await expect
    .poll(() => page.evaluate(() => (window as unknown as { written: string[] }).written.join('')))
    .toMatch(/^---\ntitle: The flag that/)
})

const TWO_FILES = `#include "log.h"
#include "log.c"
int main(void) {
  struct log log = { 0 };
  return twice(log.valid);
}
--- file: log.h
#pragma once
struct log { int valid; };
--- file: log.c
#include "log.h"
static int twice(int n) {
  return 2 * n;
}
`

test('a program of several files: tabs lead to each, steps and mistakes go where they stand', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.write(TWO_FILES)
  await screen.idle()
  await expect(screen.problems).toBeHidden()
  const files = page.getByRole('navigation', { name: 'Files of the program' })
  await expect(files.getByRole('button')).toHaveText(['program', 'log.h', 'log.c', '+'])
  await files.getByRole('button', { name: 'log.c' }).click()
  await expect(screen.editor).toBeFocused()
  await expect(files.locator('[aria-current]')).toHaveText('log.c')
  await page.getByRole('slider', { name: 'Step' }).focus()
  await screen.press('Home')
  await expect(files.locator('[aria-current]')).toHaveText('program')
  await screen.press('F11', 'F11', 'F11')
  await expect(screen.stack).toContainText('twice')
  await expect(files.locator('[aria-current]')).toHaveText('log.c')
  await files.getByRole('button', { name: 'Add a file' }).click()
  await expect(files.getByRole('button')).toHaveText(['program', 'log.h', 'log.c', 'file.h', '+'])
  await page.keyboard.type('int x = y;')
  await expect(page.locator('.cm-lintRange-error')).toHaveCount(0)
  await screen.editor.focus()
  await page.keyboard.press('ControlOrMeta+Home')
  await page.keyboard.type('#include "fil')
  await expect(chosen(page)).toContainText('file.h')
  await page.keyboard.press('Enter')
  await page.keyboard.type('"\n')
  await expect(page.locator('.cm-lintRange-error')).toHaveText('y')
})

test('several files dropped on the page become one program', async ({ page }) => {
  const screen = await Screen.open(page)
  const data = await page.evaluateHandle(() => {
    const files = new DataTransfer()
    files.items.add(new File(['#pragma once\nstruct log { int valid; };'], 'log.h'))
    files.items.add(new File(['#include "log.h"\nint main(void) { struct log l = { 0 }; return l.valid; }\n'], 'run.c'))
    return files
  })
  await page.dispatchEvent('.board-svg', 'drop', { dataTransfer: data })
  await screen.idle()
  await expect(page.getByRole('navigation', { name: 'Files of the program' }).getByRole('button')).toHaveText([
    'program',
    'log.h',
    '+',
  ])
  await expect(screen.problems).toBeHidden()
})
