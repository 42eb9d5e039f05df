import AxeBuilder from '@axe-core/playwright'
import { expect, test } from '@playwright/test'
import { Screen } from './screen.ts'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the screen, the power failure, the table and the dialogs pass axe in the ${colorScheme} theme`, async ({
    page,
  }) => {
    await page.emulateMedia({ colorScheme })
    const screen = await Screen.open(page)
    await expect(screen.editor).toBeVisible()
    const check = async (where: string): Promise<void> => {
      const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze()
      const found = violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))
      expect(found, where).toEqual([])
    }
    await screen.toTheEnd()
    await check('the main screen')
    await screen.press('p')
    await check('after a power failure')
    await screen.click('Table')
    await check('the table')
    await screen.press('?')
    await check('help')
    await screen.press('Escape', 'ControlOrMeta+k')
    await check('the palette')
  })
}

for (const [w, h] of [
  [390, 844],
  [320, 640],
  [800, 600],
  [1024, 768],
  [1440, 900],
  [3840, 2160],
] as const) {
  test(`at ${w} × ${h} nothing hangs out at the side and the buttons are within reach`, async ({ page }) => {
    await page.setViewportSize({ width: w, height: h })
    const screen = await Screen.open(page)
    await screen.press('ArrowRight', 'ArrowRight', 'ArrowRight')
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
    for (const name of ['step →', 'Power failure', 'Share']) {
      const box = await page.getByRole('button', { name }).first().boundingBox()
      expect(box, name).not.toBeNull()
      if (box === null) continue
      expect(box.x).toBeGreaterThanOrEqual(0)
      expect(box.x + box.width).toBeLessThanOrEqual(w)
      expect(Math.min(box.width, box.height)).toBeGreaterThanOrEqual(24)
    }
  })
}

test('with reduced motion nothing travels, and the picture is the same', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.goto('/')
  const screen = new Screen(page)
  await screen.idle()
  await screen.press('ArrowRight')
  expect(await page.locator('.traveller').count()).toBe(0)
})

test('the theme that a person chose outlives a reload', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' })
  const screen = await Screen.open(page)
  await screen.click(/Theme/)
  await screen.click(/Theme/)
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
  await page.reload()
  await screen.idle()
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
})
