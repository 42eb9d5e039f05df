import { expect, test } from '@playwright/test'
import { Screen } from './screen.ts'

test('every step forward can be taken back to the same picture', async ({ page }) => {
  const screen = await Screen.open(page)
  const pictures = [await screen.picture()]
  for (let i = 0; i < 8; i++) {
    await screen.press('ArrowRight')
    pictures.push(await screen.picture())
  }
  expect(new Set(pictures).size).toBeGreaterThan(6)
  for (let i = pictures.length - 2; i >= 0; i--) {
    await screen.press('ArrowLeft')
    expect(await screen.picture(), `picture ${i}`).toBe(pictures[i])
  }
})

test('one event forward and one back lead to the same picture, all the way through the program', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.toTheEnd()
  for (let i = 0; i < 12; i++) {
    const before = await screen.picture()
    await screen.press(',')
    await screen.press('.')
    expect(await screen.picture()).toBe(before)
    await screen.press(',')
  }
})

test('a byte can be seen in the store buffer, in L1 and in the write-pending queue', async ({ page }) => {
  const screen = await Screen.open(page)
  const seen = new Set<string>()
  for (let i = 0; i < 400; i++) {
    const summary = (await page.getByTestId('summary').textContent()) ?? ''
    for (const place of ['store buffer', 'dirty in a cache', 'write-pending queue']) {
      if (summary.includes(place)) seen.add(place)
    }
    if (seen.size === 3) break
    const before = await screen.step()
    await screen.press('.')
    if ((await screen.step()) === before) break
  }
  expect([...seen].sort()).toEqual(['dirty in a cache', 'store buffer', 'write-pending queue'])
})

test('a breakpoint stops the program forwards and backwards', async ({ page }) => {
  const screen = await Screen.open(page)
  await expect(screen.editor).toBeVisible()
  await page.getByText('log->valid = 1;').first().click()
  await screen.press('F9')
  await screen.press('F8')
  await expect(page.locator('.line-current')).toContainText('log->valid = 1;')
  const there = await screen.step()
  await screen.press('F10', 'F10')
  expect(await screen.step()).toBeGreaterThan(there)
  await screen.press('Shift+F8')
  await expect(page.locator('.line-current')).toContainText('log->valid = 1;')
})

test('the scrubber goes anywhere and says where it is', async ({ page }) => {
  const screen = await Screen.open(page)
  const start = await screen.step()
  await screen.scrubber.focus()
  await screen.press('ArrowRight', 'ArrowRight', 'ArrowRight')
  expect(await screen.step()).toBe(start + 3)
  await expect(screen.scrubber).toHaveAttribute('aria-valuetext', new RegExp(`^step ${start + 3} of \\d+: .`))
})

test('a click on a tile shows its line, and a click on an event of its life goes there', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.toTheEnd()
  await screen.click('Table')
  await page
    .getByRole('row', { name: /L1d.*dirty/ })
    .getByRole('button')
    .first()
    .click()
  await screen.idle()
  const event = screen.inspector.getByRole('button', { name: /^#\d+/ }).first()
  const step = Number(/\d+/.exec((await event.textContent()) ?? '')?.[0])
  await event.click()
  await screen.idle()
  expect(await screen.step()).toBe(step)
})
