import { expect, test } from '@playwright/test'
import { Screen } from './screen.ts'

test('a power failure at the end loses the record, byte by byte, and recover() says so', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.toTheEnd()
  await screen.press('p')
  const verdict = page.getByRole('region', { name: 'Verdict of recover()' })
  await expect(verdict).toContainText('broken')
  const lost = page.getByRole('list', { name: 'Lost', exact: true })
  await expect(lost).toContainText('log->record.length = 5;')
  await expect(lost).toContainText('strcpy(log->record.text, "hello");')
  await expect(
    lost
      .getByRole('row', { name: /written/ })
      .filter({ hasText: '68 65 6c 6c 6f' })
      .first(),
  ).toBeVisible()
  const survived = page.getByRole('list', { name: 'Survived', exact: true })
  await expect(survived).toContainText('log->valid = 1;')
  await expect(survived).not.toContainText('log->record')
})

test('power comes back to the same place, with the same picture', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.press('ArrowRight', 'ArrowRight', 'ArrowRight')
  const before = await screen.picture()
  await screen.click('Power failure')
  await expect(page.getByText(/Power failed at step/)).toBeVisible()
  await screen.press('Backspace')
  await expect(page.getByText(/Power failed at step/)).toBeHidden()
  expect(await screen.picture()).toBe(before)
})

test('the recording goes on after the failure: the machine boots and recover() runs', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.toTheEnd()
  await screen.press('p')
  const failedAt = await screen.step()
  await screen.press('End')
  expect(await screen.step()).toBeGreaterThan(failedAt)
  await page.getByRole('tab', { name: 'Output' }).click()
  await expect(screen.inspector).toContainText('the flag is set, but the record is gone')
})

test('the list of interventions removes them one by one', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.press('ArrowRight', 'ArrowRight', 'p')
  const list = page.getByRole('list', { name: 'Interventions' })
  await expect(list.getByRole('listitem')).toHaveCount(1)
  await list.getByRole('button', { name: /Remove/ }).click()
  await screen.idle()
  await expect(list).toBeHidden()
  await expect(page.getByText(/Power failed at step/)).toBeHidden()
})

test('the repaired scenario of the gallery holds at the same place', async ({ page }) => {
  const screen = await Screen.open(page)
  await page.getByRole('combobox', { name: 'Scenario' }).selectOption({ label: 'Flag after record' })
  await expect(page.getByRole('combobox', { name: 'Scenario' })).toContainText('The flag that waits for its record')
  await screen.idle()
  await screen.press('End', 'p')
  await expect(page.getByRole('region', { name: 'Verdict of recover()' })).toContainText('whole')
  await expect(page.getByText('Nothing: every byte that was stored')).toBeVisible()
})
