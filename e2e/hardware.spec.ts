import { expect, test } from '@playwright/test'
import { Screen } from './screen.ts'

const WRITE_BACK = /^L1 of core 0 writes back line/

test('a click on the dirty line evicts it: the record survives; undo brings the loss back, redo takes it away', async ({
  page,
}) => {
  const screen = await Screen.open(page)
  await screen.toTheEnd()
  const end = await screen.step()
  const before = await screen.picture()
  await screen.click(WRITE_BACK)
  expect(await screen.step()).toBe(end + 1)
  expect(await screen.sentence()).toContain('is written back to the write-pending queue')
  await page.getByRole('tab', { name: 'Power failure' }).click()
  await screen.idle()
  await expect(screen.inspector.getByText('Nothing: every byte that was stored')).toBeVisible()
  await expect(page.getByRole('list', { name: 'Would survive' })).toContainText('strcpy(log->record.text, "hello");')
  await expect(page.getByRole('list', { name: 'Interventions' })).toContainText('is written back')
  await page.getByRole('tab', { name: 'Inspect' }).click()
  await screen.press('ControlOrMeta+z')
  expect(await screen.picture()).toBe(before)
  await screen.press('ControlOrMeta+Shift+z')
  expect(await screen.step()).toBe(end + 1)
  await screen.press('p')
  await expect(page.getByRole('region', { name: 'Verdict of recover()' })).toContainText('whole')
})

test('a shared link takes the same branch to the same picture', async ({ page, context }) => {
  const screen = await Screen.open(page)
  await screen.toTheEnd()
  await screen.click(WRITE_BACK)
  const step = await screen.step()
  const picture = await screen.picture()
  const other = await Screen.open(await context.newPage(), await screen.share())
  expect(await other.step()).toBe(step)
  expect(await other.picture()).toBe(picture)
  await expect(other.page.getByRole('button', { name: '1 by hand' })).toBeVisible()
})

test('the hardware is moved without a mouse: Tab reaches the handles, arrows go among them, Enter takes one', async ({
  page,
}) => {
  const screen = await Screen.open(page)
  await screen.toTheEnd()
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '')
  await page.locator('#board').focus()
  for (let i = 0; i < 6 && !(await focused()).includes('writes'); i++) await page.keyboard.press('Tab')
  await screen.press('ArrowUp', 'ArrowUp')
  expect(await focused()).toMatch(WRITE_BACK)
  const step = await screen.step()
  await screen.press('ArrowDown')
  expect(await focused()).toContain('write-pending queue')
  expect(await screen.step()).toBe(step)
  await screen.press('Enter')
  expect(await screen.step()).toBe(step + 1)
  expect(await screen.sentence()).toContain('is on media')
  expect(await focused()).toMatch(WRITE_BACK)
  await screen.press('ControlOrMeta+k')
  await expect(page.getByRole('combobox', { name: /Command/ })).toBeFocused()
  await page.keyboard.type('hardware writes back')
  await screen.press('Enter')
  expect(await screen.step()).toBe(step + 2)
})

test('the table offers the same', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.toTheEnd()
  const step = await screen.step()
  await screen.click('Table')
  await page
    .getByRole('row', { name: /L1d.*dirty/ })
    .getByRole('button', { name: WRITE_BACK })
    .click()
  await screen.idle()
  expect(await screen.step()).toBe(step + 1)
})

test('what was made of a line that the edited program no longer writes is struck through, and can be removed', async ({
  page,
}) => {
  const text = (index: number): string => `---
title: one store
machine: { policy: person }
---
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
int main(void) {
  int fd = open("/dev/dax0.0", O_RDWR);
  volatile uint64_t *p = mmap(0, 2 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  p[${index}] = 1;
  return 0;
}
`
  const screen = await Screen.open(page)
  await screen.write(text(0))
  await screen.scrubber.focus()
  await screen.toTheEnd()
  await expect(page.getByText('Nothing moves by itself: click an arrow')).toBeVisible()
  await screen.click(WRITE_BACK)
  await screen.write(text(64))
  await page.getByRole('tab', { name: 'Power failure' }).click()
  const list = page.getByRole('list', { name: 'Interventions' })
  await expect(list).toContainText('no longer possible')
  await list.getByRole('button', { name: /Remove/ }).click()
  await screen.idle()
  await expect(list).toBeHidden()
})
