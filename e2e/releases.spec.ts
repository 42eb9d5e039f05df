import { expect, test } from '@playwright/test'
import { Screen } from './screen.ts'

test('the kernel is chosen among its releases, by keyboard alone, and the table says what it lacks', async ({
  page,
}) => {
  await Screen.open(page)
  const chip = page.getByRole('button', { name: 'kernel v6.1' })
  await chip.focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Kernel releases' })
  const flushcache = dialog.getByRole('row').filter({ hasText: '0aed55af8834' })
  await expect(flushcache).toContainText('yes')
  await expect(flushcache).toContainText('patch 1')
  await expect(dialog.getByLabel('Kernel', { exact: false }).first()).toBeFocused()
  // Typing goes to the first release that begins so.
  await page.keyboard.type('v4.12')
  await expect(flushcache).toContainText('no')
  await expect(dialog.getByRole('combobox')).toHaveValue('v4.12')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('button', { name: 'kernel v4.12' })).toBeVisible()
  await expect(page.getByText('kernel: v4.12')).toBeVisible()
})
