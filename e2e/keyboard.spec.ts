import { expect, test } from '@playwright/test'
import { Screen } from './screen.ts'

test('the whole story without a mouse: step, select a line, cut the power, restore it, share', async ({ page }) => {
  const screen = await Screen.open(page)
  const start = await screen.step()
  await screen.press('ArrowRight', 'ArrowRight', 'ArrowRight')
  expect(await screen.step()).toBeGreaterThan(start)
  await screen.press('ArrowLeft')
  await screen.press('ControlOrMeta+k')
  await expect(page.getByRole('combobox', { name: /Command/ })).toBeFocused()
  await page.keyboard.type('end of the rec')
  await screen.press('Enter')
  const end = await screen.step()
  await screen.press('p')
  await expect(page.getByText(/Power failed at step/)).toBeVisible()
  await screen.press('Backspace')
  expect(await screen.step()).toBe(end)
  expect((await screen.share()).startsWith('#1.')).toBe(true)
})

test('the skip link leads to the machine, Enter goes among its lines, Escape leaves', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.toTheEnd()
  await screen.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to the machine' })).toBeFocused()
  await screen.press('Enter', 'Tab', 'Tab', 'Enter')
  const heading = screen.inspector.getByRole('heading', { name: /Cache line/ })
  const first = await heading.textContent()
  const step = await screen.step()
  for (let i = 0; i < 8 && (await heading.textContent()) === first; i++)
    await screen.press(i % 2 ? 'ArrowDown' : 'ArrowRight')
  expect(await heading.textContent()).not.toBe(first)
  expect(await screen.step()).toBe(step)
  await screen.press('Escape', 'ArrowLeft')
  expect(await screen.step()).toBeLessThan(step)
})

test('Tab goes through the whole page and out of it, the editor included', async ({ page }) => {
  const screen = await Screen.open(page)
  await expect(screen.editor).toBeVisible()
  const seen: string[] = []
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press('Tab')
    const name = await page.evaluate(() => {
      const element = document.activeElement
      return element === null || element === document.body
        ? 'outside'
        : (element.getAttribute('aria-label') ?? element.textContent ?? element.tagName).slice(0, 40)
    })
    seen.push(name)
    if (name === 'outside') break
  }
  expect(seen).toContain('outside')
  expect(seen).toContain('Program text')
  expect(seen).toContain('Step')
})

test('letters typed into the program are text, not commands', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.editor.click()
  await page.keyboard.press('ControlOrMeta+End')
  await page.keyboard.type('/* ppp */')
  await screen.idle()
  await expect(page.getByText(/Power failed at step/)).toBeHidden()
  await expect(screen.editor).toContainText('/* ppp */')
})

test('help lists the keys, and letters can be switched off there', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.press('?')
  const help = page.getByRole('dialog', { name: 'Keys and colours' })
  await expect(help.getByRole('row', { name: /Power failure here/ })).toContainText('P')
  await help.getByRole('checkbox', { name: /Single letters/ }).uncheck()
  await screen.press('Escape', 'p')
  await expect(page.getByText(/Power failed at step/)).toBeHidden()
})
