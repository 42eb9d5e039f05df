import AxeBuilder from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import { Screen } from './screen.ts'

const line = (page: Page) => page.getByRole('textbox', { name: 'Command' })
const entries = (page: Page) => page.getByRole('list', { name: 'Commands' }).getByRole('listitem')

async function open(page: Page): Promise<Screen> {
  const screen = await Screen.open(page)
  await page.getByRole('tab', { name: 'Console' }).click()
  await screen.idle()
  await expect(line(page)).toBeVisible()
  return screen
}

async function type(screen: Screen, text: string): Promise<void> {
  await line(screen.page).fill(text)
  await screen.press('Enter')
}

test('a command runs at this step, shows what it prints, and is undone and redone like any intervention', async ({
  page,
}) => {
  const screen = await open(page)
  const start = await screen.step()
  const before = await screen.picture()
  await type(screen, 'cat /sys/bus/nd/devices/region0/devtype; echo $((1')
  await expect(entries(page)).toContainText('not supported in the shell')
  await screen.press('ControlOrMeta+z')
  await page.getByRole('tab', { name: 'Console' }).focus()
  await screen.press('ControlOrMeta+z')
  await expect(entries(page)).toHaveCount(0)
  expect(await screen.step()).toBe(start)
  expect(await screen.picture()).toBe(before)

  await type(screen, 'ls /sys/bus/nd/devices | grep region')
  await expect(entries(page)).toContainText('region0')
  expect(await screen.step()).toBeGreaterThan(start)
  expect(await screen.sentence()).toContain('console ends')
  await type(screen, 'cat /nowhere')
  await expect(entries(page).nth(1)).toContainText('cat: /nowhere: No such file or directory')
  await expect(entries(page).nth(1)).toContainText('failed with status 1')
  await type(screen, 'echo $?')
  await expect(entries(page).nth(2)).toContainText('1')
  await page.getByRole('tab', { name: 'Console' }).focus()
  await screen.press('ControlOrMeta+z', 'ControlOrMeta+z')
  await expect(entries(page)).toHaveCount(1)
  await screen.press('ControlOrMeta+Shift+z')
  await expect(entries(page)).toHaveCount(2)
  await screen.click('Take back: cat /nowhere')
  await expect(entries(page)).toHaveCount(1)
})

test('the arrows bring back what was typed, the keys of the page do not act in the line', async ({ page }) => {
  const screen = await open(page)
  await type(screen, 'echo one')
  await type(screen, 'echo two')
  const step = await screen.step()
  await page.keyboard.type('p.')
  await screen.press('ArrowUp')
  await expect(line(page)).toHaveValue('echo two')
  await screen.press('ArrowUp', 'ArrowUp')
  await expect(line(page)).toHaveValue('echo one')
  await screen.press('ArrowDown', 'ArrowDown')
  await expect(line(page)).toHaveValue('p.')
  expect(await screen.step()).toBe(step)
})

test('a link takes the commands along', async ({ page, context }) => {
  const screen = await open(page)
  await type(screen, 'echo "$((" || X=1')
  await type(screen, 'echo 1 > /sys/bus/nd/devices/region0/deep_flush; dmesg | head -n 2')
  const step = await screen.step()
  const other = await Screen.open(await context.newPage(), await screen.share())
  await other.page.getByRole('tab', { name: 'Console' }).click()
  await other.idle()
  expect(await other.step()).toBe(step)
  await expect(entries(other.page)).toHaveCount(2)
  expect(await entries(other.page).allTextContents()).toEqual(await entries(page).allTextContents())
  await expect(entries(other.page).nth(1)).toContainText('[    0.000000] ')
})

test('it says why nothing can be typed before the program starts, and is open at its end and after a power failure', async ({
  page,
}) => {
  const screen = await open(page)
  await page.locator('#board').focus()
  await screen.press('Home')
  if ((await screen.step()) > 0) await screen.press('Home')
  await expect(line(page)).toHaveAttribute('aria-disabled', 'true')
  await expect(page.getByText('The console opens when the program starts')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeDisabled()
  await page.locator('#board').focus()
  await screen.press('End')
  await type(screen, 'echo at the end')
  await expect(entries(page)).toContainText('at the end')
  await page.locator('#board').focus()
  await screen.press('p')
  await page.getByRole('tab', { name: 'Console' }).click()
  await expect(page.getByText('The console opens when recover() starts')).toBeVisible()
  await page.locator('#board').focus()
  await screen.press('End')
  await type(screen, 'ls /dev')
  await expect(entries(page).nth(1)).toContainText('dax0.0')
})

test('a screen reader hears what came of a command; axe finds nothing', async ({ page }) => {
  const screen = await open(page)
  await type(screen, 'cat /sys/bus/nd/devices/region0/nstype')
  await expect(page.getByRole('status')).toContainText('Command done.')
  await type(screen, 'false')
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme })
    const { violations } = await new AxeBuilder({ page }).include('.inspector').analyze()
    expect(violations.map(({ id }) => id)).toEqual([])
  }
  await page.setViewportSize({ width: 320, height: 700 })
  await line(page).scrollIntoViewIfNeeded()
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
})

test('asked for by its name, its line takes the keyboard, so that nothing typed acts on the page', async ({ page }) => {
  const screen = await Screen.open(page)
  const step = await screen.step()
  await screen.press('ControlOrMeta+k')
  await expect(page.getByRole('dialog').getByRole('combobox')).toBeFocused()
  await page.keyboard.type('console: a shell')
  await screen.press('Enter')
  await expect(line(page)).toBeFocused()
  await page.keyboard.type('echo p')
  expect(await screen.step()).toBe(step)
  await screen.press('Enter')
  await expect(entries(page)).toContainText('p')
})
