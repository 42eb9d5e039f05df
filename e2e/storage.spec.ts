import AxeBuilder from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import { Screen } from './screen.ts'

/** The gallery's record on stripes, at its end. */
async function openStriped(page: Page): Promise<Screen> {
  const screen = await Screen.open(page)
  await page.getByRole('combobox', { name: 'Scenario' }).selectOption({ label: 'Record without fsync' })
  await expect(screen.editor).toContainText('/dev/mapper/log')
  await screen.idle()
  await page.locator('#board').focus()
  await screen.press('End')
  await expect(hops(page).first()).toBeVisible()
  return screen
}

const strip = (page: Page) => page.getByRole('region', { name: 'Storage' })
const hops = (page: Page) => page.getByRole('toolbar', { name: 'Layers of storage' }).getByRole('button')
const names = async (page: Page): Promise<readonly (string | undefined)[]> =>
  (await hops(page).evaluateAll((all) => all.map((each) => each.ariaLabel ?? ''))).map(
    (name) => /^[^ :]+/.exec(name)?.[0],
  )

test('a byte on stripes is followed to its DIMM, and another byte to another', async ({ page }) => {
  const screen = await openStriped(page)
  expect(await names(page)).toEqual(['/dev/mapper/log', '/dev/pmem0', 'namespace0.0', 'region0', 'NVDIMM'])
  await expect(hops(page).nth(0)).toHaveAccessibleName(
    /striped, 8 KiB in turn on 2 disks\. chunk 0 is chunk 0 of pmem0/,
  )
  await expect(strip(page).locator('.storage-piece.own')).toHaveCount(2)
  // Where the flag was written: the second chunk.
  await page.getByRole('tab', { name: 'Devices' }).click()
  await page.getByRole('button', { name: 'Addresses' }).click()
  await page.getByRole('combobox', { name: 'known' }).selectOption('file')
  await page.getByRole('combobox', { name: 'file' }).selectOption('/dev/mapper/log')
  await page.getByRole('textbox', { name: 'offset' }).fill('8192')
  await screen.click('Translate')
  await expect(screen.inspector).toContainText('/dev/pmem1 @ 0')
  await screen.click(/byte 0$/)
  expect(await names(page)).toEqual(['/dev/mapper/log', '/dev/pmem1', 'namespace1.0', 'region1', 'NVDIMM'])
  await expect(hops(page).nth(0)).toHaveAccessibleName(/chunk 1 is chunk 0 of pmem1/)
})

test('each layer opens what is known of it', async ({ page }) => {
  const screen = await openStriped(page)
  const chosen = page.getByRole('treeitem', { selected: true })
  for (const [index, name] of [
    [2, /^namespace0\.0/],
    [3, /^region0/],
    [4, /^nmem0/],
  ] as const) {
    await hops(page).nth(index).click()
    await screen.idle()
    await expect(chosen).toHaveAccessibleName(name)
    await expect(chosen).toBeFocused()
    await page.getByRole('tab', { name: 'Inspect' }).click()
    await screen.idle()
  }
  await hops(page).nth(0).click()
  await screen.idle()
  await expect(page.getByRole('combobox', { name: 'file' })).toHaveValue('/dev/mapper/log')
  await expect(page.getByRole('textbox', { name: 'offset' })).toBeFocused()
  await expect(screen.inspector).toContainText('NVDIMM 0 (nmem0)')
  await expect(screen.inspector).toContainText('/dev/mapper/log @')
})

test('a layer is opened whatever was folded in the tree', async ({ page }) => {
  const screen = await openStriped(page)
  await hops(page).nth(3).click()
  await expect(page.getByRole('treeitem', { name: /^region0/ })).toBeFocused()
  await screen.press('ArrowLeft')
  await expect(page.getByRole('treeitem', { name: /^namespace0\.0/ })).toHaveCount(0)
  await page.getByRole('tab', { name: 'Inspect' }).click()
  await screen.idle()
  await hops(page).nth(2).click()
  await screen.idle()
  await expect(page.getByRole('treeitem', { selected: true })).toHaveAccessibleName(/^namespace0\.0/)
})

test('by keyboard alone: found in the palette, walked with arrows, opened with Enter', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.press('End', 'ControlOrMeta+k')
  await expect(page.getByRole('dialog').getByRole('combobox')).toBeFocused()
  await page.keyboard.type('storage: the layers')
  await screen.press('Enter')
  await expect(hops(page).first()).toBeFocused()
  expect(await names(page)).toEqual(['/dev/dax0.0', 'namespace0.0', 'region0', 'NVDIMM'])
  const step = await screen.step()
  await screen.press('ArrowDown', 'ArrowDown')
  await expect(hops(page).nth(2)).toBeFocused()
  await screen.press('End')
  await expect(hops(page).nth(3)).toBeFocused()
  await screen.press('Home', 'ArrowUp')
  await expect(hops(page).first()).toBeFocused()
  // The arrows went from layer to layer, not through time.
  expect(await screen.step()).toBe(step)
  await screen.press('ArrowDown', 'Enter')
  await expect(page.getByRole('treeitem', { selected: true })).toHaveAccessibleName(/^namespace0\.0/)
  await expect(page.getByRole('treeitem', { selected: true })).toBeFocused()
})

test('the chip in the header opens it, its own head closes it, and it stays as it was left', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.press('End')
  const head = strip(page).getByRole('button', { name: 'Storage', exact: false }).first()
  await expect(head).toHaveAttribute('aria-expanded', 'false')
  await expect(head).toContainText('/dev/dax0.0 → namespace0.0 → region0')
  await page.getByRole('tab', { name: 'dmesg' }).click()
  await page.getByRole('banner').getByRole('button', { name: 'storage' }).click()
  await screen.idle()
  await expect(hops(page).first()).toBeFocused()
  await expect(head).toHaveAttribute('aria-expanded', 'true')
  await head.click()
  await expect(hops(page)).toHaveCount(0)
  await page.locator('#board').focus()
  await screen.press('ArrowLeft')
  await expect(head).toHaveAttribute('aria-expanded', 'false')
})

test('it shows the storage of its moment', async ({ page }) => {
  const screen = await openStriped(page)
  await page.getByTitle('Stay on this line').click()
  await page.locator('#board').focus()
  await screen.press('Home')
  if ((await screen.step()) > 0) await screen.press('Home')
  await expect(strip(page)).toContainText('Storage')
  expect(await names(page)).toEqual(['address', 'NVDIMM'])
})

for (const scheme of ['light', 'dark'] as const)
  test(`everybody can use it (${scheme})`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme })
    await openStriped(page)
    const { violations } = await new AxeBuilder({ page }).include('.inspector').analyze()
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
  })

for (const [w, h] of [
  [320, 640],
  [390, 844],
  [1024, 768],
  [1440, 900],
] as const)
  test(`at ${w} × ${h} it is as wide as its place, and nothing of it hangs out`, async ({ page }) => {
    await page.setViewportSize({ width: w, height: h })
    await openStriped(page)
    await strip(page).scrollIntoViewIfNeeded()
    const box = await strip(page).boundingBox()
    const inside = await strip(page)
      .locator('svg text, svg rect')
      .evaluateAll((all) => all.map((each) => each.getBoundingClientRect()).map(({ left, right }) => [left, right]))
    expect(inside.length).toBeGreaterThan(20)
    for (const [left = 0, right = 0] of inside) {
      expect(left).toBeGreaterThanOrEqual(box?.x ?? 0)
      expect(right).toBeLessThanOrEqual((box?.x ?? 0) + (box?.width ?? 0))
    }
    for (const button of await hops(page).all())
      expect((await button.boundingBox())?.height ?? 0).toBeGreaterThanOrEqual(24)
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
  })
