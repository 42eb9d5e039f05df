import { expect, test } from '@playwright/test'
import { Screen } from './screen.ts'

test('lost in this run and may be lost stand apart, and the second names its model', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.toTheEnd()
  await page.getByRole('tab', { name: 'Power failure' }).click()
  await screen.idle()
  await expect(screen.inspector.getByRole('heading', { name: 'Would be lost in this run' })).toBeVisible()
  const may = page.getByRole('region', { name: 'May be lost' })
  await expect(may).toContainText('Model: line snapshots; movnt durable when visible; failed cas fences')
  await expect(may.getByRole('list', { name: 'Bytes that may be lost' })).toContainText('log->record.length = 5;')
  await expect(may).not.toContainText('log->valid = 1;')
})

test('another reading of the architecture allows more images', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.toTheEnd()
  await page.getByRole('tab', { name: 'Power failure' }).click()
  await screen.idle()
  const may = page.getByRole('region', { name: 'May be lost' })
  const images = async (): Promise<number> =>
    Number(((await may.getByText(/^[\d,]+ possible$/).textContent()) ?? '').replace(/\D/g, ''))
  const byLine = await images()
  await may.getByRole('combobox', { name: 'persists as one' }).selectOption({ label: 'a word (8 B) · word' })
  await screen.idle()
  await expect(may).toContainText('Model: word snapshots')
  expect(await images()).toBeGreaterThan(byLine)
})

test('the line under the glass says of each store whether it must, may or cannot be on media', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.toTheEnd()
  await page.getByRole('tab', { name: 'Power failure' }).click()
  await screen.idle()
  const may = page.getByRole('region', { name: 'May be lost' })
  await may
    .getByRole('button', { name: /dev\/dax/ })
    .first()
    .click()
  await page.getByRole('tab', { name: 'Inspect' }).click()
  await screen.idle()
  await expect(screen.inspector).toContainText('By the architecture, whatever the hardware did in this run:')
  const stores = page.getByRole('list', { name: 'Stores to this line' })
  await expect(stores.getByRole('button', { name: /may · bytes/ }).first()).toBeVisible()
})
