import AxeBuilder from '@axe-core/playwright'
import { expect, test } from '@playwright/test'
import { Screen } from './screen.ts'

test('the series is walked patch by patch, by keyboard, beside the patch before; both machines go where the focus goes', async ({
  page,
}) => {
  const screen = await Screen.open(page)
  await page.getByRole('combobox', { name: 'Scenario' }).selectOption({ label: 'Patch 3: copies are the drivers' })
  await screen.idle()
  await screen.press('c')
  const row = (name: string) => screen.inspector.getByRole('row').filter({ hasText: name })
  await expect(screen.inspector.getByRole('tab', { name: 'Compare' })).toHaveAttribute('aria-selected', 'true')
  await expect(row('clwb').first()).toContainText('≠clwb02')
  await screen.press('End')
  await expect(row('may be lost from /mnt/log+60 on')).toContainText('4 B')
  // One patch on: against patch 3 nothing changes, and the place stays.
  const sentence = await screen.sentence()
  const slider = page.getByRole('slider', { name: 'Kernel release' })
  await expect(slider).toHaveAttribute('aria-valuetext', 'v4.12 with patches 1 to 3')
  await slider.focus()
  await screen.press('ArrowRight')
  await expect(slider).toHaveAttribute('aria-valuetext', 'v4.12 with patches 1 to 4')
  await expect(page.getByRole('button', { name: 'kernel v4.12+series:4' })).toBeVisible()
  await expect(screen.inspector.getByText('The same recording, step by step.')).toBeVisible()
  expect(await screen.sentence()).toBe(sentence)
  // Two patches back: the other machine is patch 1.
  await screen.press('ArrowLeft', 'ArrowLeft')
  await page.getByLabel('Draw both machines').check()
  await screen.idle()
  const other = page.getByRole('region', { name: 'The other machine, v4.12+series:1' })
  await expect(other).toBeVisible()
  await page.getByRole('heading', { name: 'Machine' }).click()
  await screen.press('Home')
  await expect(page.getByTestId('other-machine')).toContainText(/v4\.12\+series:1 #\d+ main starts/)
  await page.getByRole('button', { name: 'Stop comparing' }).click()
  await expect(other).toBeHidden()
  await expect(screen.inspector.getByRole('tab', { name: 'Compare' })).toBeHidden()
})

test('two scenarios side by side', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.press('c')
  await screen.inspector.getByLabel('Compared with').selectOption({ label: 'Flag after record' })
  await screen.idle()
  const losses = screen.inspector.getByRole('row').filter({ hasText: 'may be lost' }).first()
  await screen.press('End')
  await expect(losses).toContainText('≠')
  await expect(screen.inspector.getByRole('columnheader').first()).toContainText('(v6.1)')
})

for (const [colorScheme, width] of [
  ['light', 1440],
  ['dark', 1024],
  ['dark', 390],
] as const)
  test(`two machines pass axe in the ${colorScheme} theme at a width of ${width}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height: 900 })
    const screen = await Screen.open(page)
    await screen.press('c')
    await page.getByLabel('Draw both machines').check()
    await screen.idle()
    await expect(page.getByTestId('other-machine')).toBeVisible()
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
  })
