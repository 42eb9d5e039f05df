import { expect, test } from '@playwright/test'
import { Screen } from './screen.ts'

test('a shared link opens in another browser at the same scenario, place and interventions', async ({
  page,
  browser,
}) => {
  const screen = await Screen.open(page)
  await screen.press('ArrowRight', 'ArrowRight', 'ArrowRight', 'p', '.', '.')
  const fragment = await screen.share()
  expect(fragment.length).toBeLessThan(2000)
  const here = { step: await screen.step(), sentence: await screen.sentence() }
  const elsewhere = await browser.newContext()
  const other = await Screen.open(await elsewhere.newPage(), fragment)
  expect({ step: await other.step(), sentence: await other.sentence() }).toEqual(here)
  await expect(other.page.getByText(/Power failed at step/)).toBeVisible()
  await other.page.getByRole('tab', { name: 'Power failure' }).click()
  await expect(other.page.getByRole('list', { name: 'Interventions' }).getByRole('listitem')).toHaveCount(1)
  await expect(other.page.getByRole('list', { name: 'Interventions' })).toContainText('power failure after step')
  await elsewhere.close()
})

test('the link is on the clipboard and in a selected field', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const screen = await Screen.open(page)
  await page.getByRole('button', { name: 'Share' }).click()
  const field = page.getByRole('textbox', { name: 'Link' })
  await expect(field).toBeFocused()
  await expect(page.getByText('✓ copied')).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(await field.inputValue())
  expect(await field.evaluate((input: HTMLInputElement) => input.selectionEnd)).toBe((await field.inputValue()).length)
  await page.keyboard.press('Escape')
  await screen.idle()
})

for (const [name, hurt] of [
  ['cut off', (link: string) => link.slice(0, -20)],
  ['changed', (link: string) => `${link.slice(0, 40)}${link[40] === 'A' ? 'B' : 'A'}${link.slice(41)}`],
  ['of a newer version', (link: string) => link.replace('#1.', '#2.')],
  ['of something else', () => '#section-3'],
  ['far too long', (link: string) => `${link.slice(0, 40)}${'A'.repeat(80_000)}${link.slice(40)}`],
] as const) {
  test(`a link that is ${name} says so and leaves the work alone`, async ({ page }) => {
    const screen = await Screen.open(page)
    await screen.press('ArrowRight', 'ArrowRight')
    const link = await screen.share()
    const before = await screen.picture()
    await page.evaluate((fragment) => {
      location.hash = fragment
    }, hurt(link))
    await expect(screen.messages).toContainText(/link|address/i)
    await screen.idle()
    expect(await screen.picture()).toBe(before)
  })
}

test('a damaged link opened on its own shows the message beside the default scenario', async ({ page }) => {
  const screen = await Screen.open(page, '#1.garbage.00000000')
  await expect(screen.messages).toContainText('damaged')
  await expect(page.getByRole('combobox', { name: 'Scenario' })).toContainText('The flag that arrived before')
})
