import { expect, test } from '@playwright/test'
import { Screen } from './screen.ts'

const HEAD = '---\ntitle: a test\n---\n'

test('a text with errors lists them with line and column and keeps the picture', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.press('ArrowRight', 'ArrowRight')
  const step = await screen.step()
  await screen.write(`${HEAD}int main(void) {\n  int x = ;\n  return y;\n}\n`)
  await expect(screen.problems).toContainText(/5:\d+/)
  await expect(page.locator('.cm-lintRange-error').first()).toBeVisible()
  expect(await screen.step()).toBe(step)
  await screen.press('F10')
  expect(await screen.step()).toBeGreaterThan(step)
})

test('a corrected text is recorded again by itself', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.write(`${HEAD}int main(void) { return }\n`)
  await expect(screen.problems).toBeVisible()
  await screen.write(`${HEAD}int main(void) { return 0; }\n`)
  await expect(screen.problems).toBeHidden()
  await expect(page.getByRole('combobox', { name: 'Scenario' })).toContainText('a test')
})

test('a program that never ends is cut off, says so, and the page stays alive', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.write(`${HEAD}int main(void) {\n  volatile int x = 0;\n  for (;;) x = x + 1;\n}\n`)
  await expect(screen.problems).toContainText(/cut off/i, { timeout: 50_000 })
  await screen.idle()
  const step = await screen.step()
  await screen.press('F10')
  expect(await screen.step()).toBeGreaterThanOrEqual(step)
  await screen.write(`${HEAD}int main(void) { return 0; }\n`)
  await expect(screen.problems).toBeHidden()
})

test('a worker that dies is replaced: the scenario, the place and the picture stay', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.press('ArrowRight', 'ArrowRight', 'ArrowRight')
  const before = { step: await screen.step(), picture: await screen.picture() }
  await page.workers()[0]?.evaluate(() => {
    setTimeout(() => {
      throw new Error('planted')
    }, 0)
  })
  await expect(screen.messages).toContainText(/engine/i)
  await screen.idle()
  await screen.press('.', ',')
  expect({ step: await screen.step(), picture: await screen.picture() }).toEqual(before)
})

test('an edited text outlives a reload', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.write(`${HEAD}int main(void) { return 7; }\n`)
  await page.reload()
  await screen.idle()
  await expect(page.getByRole('combobox', { name: 'Scenario' })).toContainText('a test')
  await expect(screen.editor).toContainText('return 7')
})
