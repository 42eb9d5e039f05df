import { readFileSync } from 'node:fs'
import AxeBuilder from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import { Screen } from './screen.ts'

const fixtures = new URL('../test/fixtures/groundtruth/a-1nvdimm-nolabel/', import.meta.url)

async function open(page: Page, part = 'Tree'): Promise<Screen> {
  const screen = await Screen.open(page)
  await page.getByRole('tab', { name: 'Devices' }).click()
  await screen.idle()
  await expect(page.getByRole('tree', { name: 'Devices' })).toBeVisible()
  if (part !== 'Tree') await page.getByRole('button', { name: part, exact: true }).click()
  return screen
}

const item = (page: Page, name: RegExp) => page.getByRole('treeitem', { name })
const choose = (page: Page, name: RegExp) => item(page, name).locator('.device').first().click()
const attributes = (page: Page, name: string) => page.getByRole('region', { name: `Attributes of ${name}` })

test('the tree is that of the moment, and goes by keyboard alone', async ({ page }) => {
  const screen = await open(page)
  await expect(item(page, /^region0, nd_pmem: 64 MiB, driver nd_region/)).toBeVisible()
  await expect(item(page, /^namespace0\.0.*dax/)).toBeVisible()
  await item(page, /^region0/).focus()
  await screen.press('ArrowUp')
  await expect(item(page, /^nmem0/)).toBeFocused()
  await screen.press('Enter')
  await expect(attributes(page, 'nmem0')).toContainText('nfit/handle')
  await item(page, /^region0/).focus()
  await screen.press('ArrowLeft')
  await expect(item(page, /^namespace0\.0/)).toHaveCount(0)
  await page.locator('#board').focus()
  await screen.press('Home')
  if ((await screen.step()) > 0) await screen.press('Home')
  await expect(page.getByText('At this step the kernel has no devices yet')).toBeVisible()
})

test('a writable attribute is written at this step; the kernel refuses what it refuses; both are undone', async ({
  page,
}) => {
  const screen = await open(page)
  await choose(page, /^region0/)
  const region = attributes(page, 'region0')
  const row = region.locator('dd').filter({ has: page.getByRole('button', { name: 'Write read_only' }) })
  await expect(row).toContainText('0')
  await page.getByRole('button', { name: 'Write read_only' }).click()
  await page.getByRole('textbox', { name: 'New value of read_only' }).fill('1')
  await screen.press('Enter')
  await expect(row).toContainText('1')
  await page.getByRole('button', { name: 'Write read_only' }).click()
  await page.getByRole('textbox', { name: 'New value of read_only' }).fill('perhaps')
  await screen.press('Enter')
  await expect(row).toContainText('1')
  await page.getByRole('tab', { name: 'Console' }).click()
  await expect(screen.inspector).toContainText('echo perhaps > /sys/bus/nd/devices/region0/read_only')
  await expect(screen.inspector).toContainText('write error: Invalid argument')
  await page.getByRole('tab', { name: 'Devices' }).focus()
  await screen.press('ControlOrMeta+z', 'ControlOrMeta+z')
  await page.getByRole('tab', { name: 'Devices' }).click()
  await screen.idle()
  await expect(row).toContainText('0')
})

test('a device leads to the bytes of the table that made it, a byte to its field', async ({ page }) => {
  await open(page)
  await choose(page, /^nmem0/)
  await page.getByRole('button', { name: 'Bytes of the NFIT' }).click()
  const structures = page.getByRole('list', { name: 'Structures' })
  await expect(structures.getByRole('button', { expanded: true })).toContainText('memory device mapping')
  const bytes = page.getByRole('grid', { name: 'Bytes of the NFIT' })
  await bytes.getByRole('gridcell', { name: 'byte 0: 4e', exact: false }).first().click()
  await expect(structures.getByRole('button', { expanded: true })).toContainText('ACPI header')
  await page.keyboard.press('ArrowRight')
  await expect(bytes.getByRole('gridcell', { selected: true })).toHaveAccessibleName(
    /^byte 1: 46, ACPI header, signature/,
  )
})

test('an address is found by all its names, and shows its line', async ({ page }) => {
  const screen = await open(page, 'Addresses')
  await page.getByRole('combobox', { name: 'known' }).selectOption('file')
  await page.getByRole('textbox', { name: 'offset' }).fill('70')
  await screen.click('Translate')
  await expect(screen.inspector).toContainText('0x1_0020_0046')
  await expect(screen.inspector).toContainText('NVDIMM 0 (nmem0), DPA 0x20_0046')
  await page.getByRole('textbox', { name: 'offset' }).fill('0x4000_0000')
  await screen.click('Translate')
  await expect(screen.inspector).toContainText('/dev/dax0.0 ends at')
  await page.getByRole('textbox', { name: 'offset' }).fill('70')
  await screen.click('Translate')
  await screen.click(/byte 6$/)
  await expect(page.getByRole('heading', { name: 'Cache line 0x1_0020_0040' })).toBeVisible()
})

test('a line of the log leads to its step, and names the function that printed it', async ({ page }) => {
  const screen = await Screen.open(page)
  await page.getByRole('tab', { name: 'dmesg' }).click()
  await screen.idle()
  await page.getByRole('searchbox', { name: 'filter' }).fill('nd_pfn_probe')
  const line = page.getByRole('list', { name: 'Kernel log' }).getByRole('button').first()
  await expect(line).toContainText('drivers/nvdimm/')
  await line.click()
  await screen.idle()
  await expect(screen.stack).toContainText('nd_pfn_probe')
})

for (const [name, how] of [
  ['NFIT.bin', 'dropped'],
  ['NFIT.dsl', 'dropped'],
  ['NFIT.dsl', 'pasted'],
] as const)
  test(`a real table is ${how} (${name}), and its platform boots`, async ({ page }) => {
    const screen = await Screen.open(page)
    await expect(screen.editor).toBeVisible()
    const bytes = [...readFileSync(new URL(name, fixtures))]
    await page.evaluate(
      ({ file, data, pasted }) => {
        const transfer = new DataTransfer()
        const all = new Uint8Array(data)
        if (pasted) transfer.setData('text/plain', new TextDecoder().decode(all))
        else transfer.items.add(new File([all], file))
        const target = document.querySelector(pasted ? '.cm-content' : 'body')
        target?.dispatchEvent(
          pasted
            ? new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true })
            : new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }),
        )
      },
      { file: name, data: bytes, pasted: how === 'pasted' },
    )
    await expect(screen.editor).toContainText('nfit:')
    await screen.idle()
    await page.getByRole('tab', { name: 'Devices' }).click()
    await expect(item(page, /^region0, nd_pmem: 256 MiB/)).toBeVisible()
  })

for (const scheme of ['light', 'dark'] as const)
  test(`each part can be used by everybody (${scheme})`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme })
    await open(page)
    for (const part of ['Tree', 'NFIT', 'Addresses']) {
      await page.getByRole('button', { name: part, exact: true }).click()
      const { violations } = await new AxeBuilder({ page }).include('.inspector').analyze()
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
    }
  })

test('on a phone nothing scrolls sideways', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await open(page)
  for (const part of ['Tree', 'NFIT', 'Addresses']) {
    await page.getByRole('button', { name: part, exact: true }).click()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  }
})

test('what a program asks of a disk is listed as blktrace prints it, and leads to its step', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.write(`---
setup: echo "write through" > /sys/block/pmem0/queue/write_cache
---
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>
static _Alignas(4096) char page[4096];
int main(void) {
  int fd = open("/dev/pmem0", O_RDWR | O_DIRECT | O_SYNC);
  return pwrite(fd, page, 512, 1024) == 512 ? 0 : 1;
}
`)
  await page.getByRole('tab', { name: 'Devices' }).click()
  await page.getByRole('button', { name: 'Disk I/O' }).click()
  await expect(page.getByText('No disk has been asked for anything yet')).toBeVisible()
  await page.locator('#board').focus()
  await screen.press('End')
  const rows = page.getByRole('list', { name: 'Disk requests' }).getByRole('listitem')
  await expect(rows).toHaveCount(2)
  await expect(rows.first()).toContainText('pmem0 WFS 1 sector from 2')
  await expect(rows.last()).toContainText('FWS no data')
  await expect(rows.last()).toContainText('write through')
  await rows.first().getByRole('button').click()
  await screen.idle()
  expect(await screen.sentence()).toContain('hands pmem0 a bio (WFS)')
})
