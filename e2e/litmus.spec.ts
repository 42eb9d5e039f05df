import { readFileSync } from 'node:fs'
import AxeBuilder from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import { Screen } from './screen.ts'

const fixture = (name: string): string =>
  readFileSync(new URL(`../test/fixtures/litmus/${name}.litmus`, import.meta.url), 'utf8')

const parts = (page: Page) => ({
  verdict: page.getByRole('region', { name: 'Verdict' }),
  outcomes: page.getByRole('grid', { name: 'Outcomes' }),
  row: (name: RegExp) => page.getByRole('grid', { name: 'Outcomes' }).getByRole('row', { name }),
  witness: page.getByRole('region', { name: 'Witness' }),
  thread: (name: string) => page.getByRole('region', { name: `Thread ${name}` }),
  memory: page.getByRole('table', { name: 'Memory of the test' }),
})

/** Threads that each store to places of their own: 2^(threads × stores) images. */
const stores = (threads: number, count: number): string => {
  const thread = (t: number): string =>
    `thread ${t}: ${Array.from({ length: count }, (_, i) => `store x${t}${i} 1`).join('; ')}`
  return `name: many\n${Array.from({ length: threads }, (_, t) => thread(t)).join('\n')}\ncrash: exists x00=0\nverdict: allowed\n`
}

test('a pasted test is decided; an outcome is stepped through to the power failure, where loss and board agree', async ({
  page,
}) => {
  const screen = await Screen.open(page)
  await screen.write(fixture('PX-A07-flushopt-sfence'))
  const { verdict, row, witness, thread, memory } = parts(page)
  await expect(verdict).toContainText('Forbidden, as the file says')
  await expect(verdict).toContainText('3 images')
  await expect(row(/^x=0 y=1; forbidden: no execution ends so/)).toBeVisible()
  await expect(row(/allowed/)).toHaveCount(3)

  await row(/^x=1 y=0; allowed/).click()
  await screen.idle()
  await expect(witness).toContainText('x=1 y=0')
  await expect(row(/^x=1 y=0.*being played/)).toBeVisible()
  await expect(thread('P0').getByRole('listitem').first()).toContainText('store x 1, next')
  const first = await screen.step()
  await screen.press('ArrowRight', 'ArrowRight')
  expect(await screen.step()).toBe(first + 2)
  await expect(thread('P0').getByRole('listitem').first()).toContainText('issued by this step')
  await screen.press('ArrowRight')
  expect(await screen.sentence()).toContain('leaves the store buffer')
  await expect(memory.getByRole('row', { name: 'x 1 0 ≠ 0' })).toBeVisible()
  await expect(row(/^x=0 y=0.*what a power failure at this step leaves/)).toBeVisible()

  await screen.scrubber.focus()
  await screen.toTheEnd()
  await expect(page.getByText('What survived: x=1 y=0.')).toBeVisible()
  await expect(memory.getByRole('row', { name: 'x – 1 1' })).toBeVisible()
  await page.getByRole('tab', { name: 'Power failure' }).click()
  await screen.idle()
  const survived = page.getByRole('list', { name: 'Survived' })
  await expect(survived.getByRole('listitem')).toHaveCount(1)
  await expect(survived).toContainText('x @ 0')
  await screen.click('Table')
  await expect(page.getByRole('row', { name: /^NVDIMM 0, media x line of x, .*on media/ })).toBeVisible()
})

test('two threads both read zero, as the witness of store buffering shows', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.write(fixture('TSO-SB'))
  const { verdict, row, thread } = parts(page)
  await expect(verdict).toContainText('Allowed, as the file says')
  await row(/0:a=0 1:a=0; allowed; satisfies the condition/).click()
  await screen.idle()
  await screen.scrubber.focus()
  await screen.toTheEnd()
  for (const name of ['P0', 'P1']) await expect(thread(name).getByRole('definition')).toHaveText('0')
  await expect(row(/0:a=0 1:a=0.*being played/)).toContainText('here')
})

test('a click on an instruction leads to the step that issued it', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.write(fixture('TSO-SB'))
  await parts(page)
    .thread('P1')
    .getByRole('button', { name: /^store y 1/ })
    .click()
  await screen.idle()
  expect(await screen.sentence()).toContain('P1 stores')
})

test('a mistake in a litmus text is told with line and column, and underlined', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.write(fixture('PX-A07-flushopt-sfence'))
  await screen.write(fixture('PX-A07-flushopt-sfence').replace('sfence;', 'sfense;'))
  await expect(screen.problems.getByRole('button', { name: '6:36' })).toBeVisible()
  await expect(screen.editor.locator('.cm-lintRange-error')).toHaveText('sfense')
  await expect(parts(page).verdict).toContainText('Forbidden')
})

test('a link to a moment of a witness shows the same moment', async ({ page, context }) => {
  const screen = await Screen.open(page)
  await screen.write(fixture('PX-C06-flush-mca'))
  await parts(page)
    .row(/^x=1 y=1 z=1 w=0/)
    .click()
  await screen.idle()
  await screen.press('ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowRight')
  const here = [await screen.step(), await screen.sentence()]
  const other = await Screen.open(await context.newPage(), await screen.share())
  expect([await other.step(), await other.sentence()]).toEqual(here)
  await expect(parts(other.page).witness).toContainText('x=1 y=1 z=1 w=0')
  await expect(parts(other.page).row(/^x=1 y=1 z=1 w=0.*being played/)).toBeVisible()
})

test('the whole way without a mouse', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.press('ControlOrMeta+k')
  await expect(page.getByRole('combobox', { name: /Command/ })).toBeFocused()
  await page.keyboard.type('litmus store buffering')
  await screen.press('Enter')
  const { outcomes, row, witness } = parts(page)
  await expect(page.getByRole('combobox', { name: 'Scenario' })).toContainText('Store buffering (TSO-SB)')
  await screen.press('o')
  await expect(outcomes).toBeFocused()
  await screen.press('ArrowDown', 'ArrowUp', 'Enter')
  await expect(row(/0:a=0 1:a=0.*being played/)).toBeVisible()
  await expect(outcomes).not.toBeFocused()
  const start = await screen.step()
  await screen.press('ArrowRight', 'ArrowRight', 'ArrowLeft')
  expect(await screen.step()).toBe(start + 1)
  await screen.press('End')
  await expect(row(/0:a=0 1:a=0.*being played; seen/)).toBeVisible()
  await screen.press('o', 'Escape')
  await expect(outcomes).not.toBeFocused()
  await expect(witness).toBeVisible()
  await screen.press('Escape')
  await expect(witness).toBeHidden()
  await screen.press('ControlOrMeta+z')
  await expect(witness).toBeVisible()
  await outcomes.getByRole('button', { name: 'Sort by 0:a' }).focus()
  await screen.press('Enter', ' ')
  await expect(outcomes.getByRole('columnheader', { name: 'Sort by 0:a' })).toHaveAttribute('aria-sort', 'descending')
  await expect(outcomes.getByRole('row').nth(1)).toContainText('1')
  await page.getByRole('checkbox', { name: 'satisfying only' }).press('Space')
  await expect(outcomes.getByRole('row', { name: /allowed/ })).toHaveCount(1)
})

test('under another model the test is explored again, and an outcome that the machine cannot show says why', async ({
  page,
}) => {
  const screen = await Screen.open(page)
  await screen.write(fixture('PX-B04-line-aba'))
  const { verdict, row } = parts(page)
  await expect(verdict).toContainText('Forbidden, as the file says')
  await page.getByText('Model: line snapshots').click()
  await page.getByRole('combobox', { name: 'persists as one' }).selectOption({ label: 'a word (8 B) · word' })
  await screen.idle()
  await expect(verdict).toContainText('Allowed, as the file says')
  await expect(page.getByText('Model: word snapshots')).toBeVisible()
  const step = await screen.step()
  await row(/^a=2 b=0; allowed.*no witness/).click()
  await screen.idle()
  expect(await screen.step()).toBe(step)
  await expect(screen.inspector).toContainText('The model allows a=2 b=0; the machine of this page cannot play it:')
})

test('another model than the default stands beside the verdict, travels in a link, and can be reset', async ({
  page,
  browser,
}) => {
  const screen = await Screen.open(page)
  await screen.write(fixture('PX-B04-line-aba'))
  await page.getByText('Model: line snapshots').click()
  await page.getByRole('combobox', { name: 'persists as one' }).selectOption('word')
  await screen.idle()
  const other = 'Under word snapshots (word): not the default'
  await expect(page.getByText(other)).toBeVisible()
  await page.getByRole('button', { name: 'Share' }).click()
  await expect(page.getByRole('dialog')).toContainText('the model (word snapshots)')
  await page.keyboard.press('Escape')
  const elsewhere = await browser.newContext()
  const opened = await Screen.open(await elsewhere.newPage(), await screen.share())
  await expect(parts(opened.page).verdict).toContainText('Allowed, as the file says')
  await expect(opened.page.getByText(other)).toBeVisible()
  await opened.page.getByRole('button', { name: 'Reset' }).click()
  await opened.idle()
  await expect(parts(opened.page).verdict).toContainText('Forbidden, as the file says')
  await expect(opened.page.getByText('not the default')).toBeHidden()
  await elsewhere.close()
})

test('of forall and ~exists it is said whether they hold, and which outcomes break them', async ({ page }) => {
  const screen = await Screen.open(page)
  const herd = (condition: string): string =>
    `X86_64 two\n{ x=0; y=0; }\n P0          | P1          ;\n movl $1,(x) | movl $1,(y) ;\n${condition}\n`
  const { verdict, row } = parts(page)
  await screen.write(herd('forall (x=1 /\\ y=1)'))
  await expect(verdict).toContainText('Holds in every outcome, as the file says')
  await expect(row(/x=1 y=1; allowed/)).not.toContainText('✓')
  await screen.write(herd('forall (x=2)'))
  await expect(verdict).toContainText('Fails: 1 outcome breaks it; the file says it holds')
  await expect(row(/x=1 y=1; allowed; breaks the condition/)).toContainText('✗ breaks it')
  await screen.write(herd('~exists (x=0)'))
  await expect(verdict).toContainText('Never happens, as the file says')
})

test('operands the wrong way round are a warning beside a test that is decided', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.write('name: s\nthread 0: store y 1\nthread 1: load y r1\nfinal: exists y=1\nverdict: allowed\n')
  await expect(screen.problems).toContainText('1 warning')
  await expect(screen.problems).toContainText(
    'load takes the register first: load r1 y'.replace('load r1 y', '`load r1 y`'),
  )
  await expect(screen.problems.getByRole('button', { name: '3:16' })).toBeVisible()
  await expect(screen.editor.locator('.cm-lintRange-warning')).toHaveText('y r1')
  await expect(parts(page).verdict).toContainText('Allowed, as the file says')
})

test('what a person does inside a witness takes the run off it, is named, and is undone by a button', async ({
  page,
}) => {
  const screen = await Screen.open(page)
  await screen.write(fixture('PX-A07-flushopt-sfence'))
  const { row, witness } = parts(page)
  await row(/^x=1 y=0; allowed/).click()
  await screen.idle()
  await screen.press('ArrowRight', 'ArrowRight', 'ArrowRight')
  await page.getByRole('toolbar', { name: 'What hardware may do now' }).getByRole('button').first().click()
  await screen.idle()
  await expect(witness).toContainText(/Off the witness x=1 y=0: you made a move \(.*the line of x .*\)/)
  await expect(witness).not.toContainText('▶')
  await expect(row(/being played/)).toHaveCount(0)
  await witness.getByRole('button', { name: 'Undo' }).click()
  await screen.idle()
  await expect(witness).toContainText('▶ Witness x=1 y=0')
  await expect(row(/^x=1 y=0.*being played/)).toBeVisible()
  await screen.press('p')
  await expect(witness).toContainText('Off the witness x=1 y=0: you cut the power')
  await witness.getByRole('button', { name: 'Undo' }).click()
  await screen.idle()
  await expect(witness).toContainText('▶ Witness x=1 y=0')
})

test('whoever leaves a witness is back where the free run was, with the keyboard on the run', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.write(fixture('PX-A07-flushopt-sfence'))
  await screen.scrubber.focus()
  await screen.press('.', '.', '.')
  const here = [await screen.step(), await screen.sentence()]
  const { row, witness } = parts(page)
  for (const leave of ['a click', 'Escape']) {
    await row(/^x=1 y=0; allowed/).click()
    await screen.idle()
    await screen.press('End')
    const button = witness.getByRole('button', { name: /^Leave the witness/ })
    if (leave === 'Escape') await button.focus()
    if (leave === 'Escape') await screen.press('Escape')
    else await button.click()
    await screen.idle()
    await expect(witness).toBeHidden()
    expect([await screen.step(), await screen.sentence()], leave).toEqual(here)
    await expect(page.getByRole('main'), leave).toBeFocused()
  }
  await screen.press('End')
  expect(await screen.step()).toBeGreaterThan(here[0] as number)
})

test('an outcome is seen when its end was on the screen, not when it was clicked', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.write(fixture('PX-A07-flushopt-sfence'))
  const { row } = parts(page)
  await row(/^x=1 y=0; allowed/).click()
  await screen.idle()
  await expect(row(/allowed.*seen/)).toHaveCount(0)
  await screen.press('End')
  await expect(row(/^x=1 y=0; allowed; being played; seen/)).toBeVisible()
})

test('while the text is wrong, outcomes are of the last good text, and no instruction of it is marked', async ({
  page,
}) => {
  const screen = await Screen.open(page)
  await screen.write(fixture('PX-A07-flushopt-sfence'))
  await expect(screen.editor.locator('.next-instruction')).toHaveText('store x 1')
  await screen.editor.click()
  await page.keyboard.press('ControlOrMeta+Home')
  await page.keyboard.insertText('nonsense\n')
  await expect(screen.editor.locator('.next-instruction')).toHaveCount(0)
  await expect(screen.editor.locator('.line-current')).toContainText('thread 0: store x 1')
  await screen.idle()
  await expect(screen.inspector).toContainText('Of the last good text: the text beside has 1 mistake')
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa']).analyze()
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' '))}`)).toEqual([])
  await screen.press('ControlOrMeta+z')
  await screen.idle()
  await expect(screen.inspector).not.toContainText('Of the last good text')
})

test('why an outcome cannot be played is in view, and so is the key', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.write(fixture('NT-29-log-commit-nofence'))
  await page.getByText('Model: line snapshots').click()
  await page.getByRole('combobox', { name: 'movnt durable' }).selectOption('fence')
  await screen.idle()
  await parts(page)
    .row(/no witness/)
    .first()
    .click()
  for (const text of [/cannot play it/, 'seen on the screen']) {
    const box = await screen.inspector.getByText(text).boundingBox()
    expect((box?.y ?? 9999) + (box?.height ?? 0)).toBeLessThanOrEqual(720)
  }
})

test('on a phone the first screen says that a shared link plays a witness', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  const screen = await Screen.open(page)
  await screen.write(fixture('PX-A07-flushopt-sfence'))
  await parts(page)
    .row(/^x=1 y=0; allowed/)
    .click()
  await screen.idle()
  await page.evaluate(() => scrollTo(0, 0))
  await expect(page.getByRole('button', { name: '▶ witness' })).toBeInViewport()
})

test('of thousands of outcomes those in view are drawn, and the last is one key away', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.write(stores(3, 4))
  const { outcomes, verdict } = parts(page)
  await expect(verdict).toContainText('4,096 images')
  await expect(outcomes).toHaveAttribute('aria-rowcount', '4097')
  await screen.press('Escape')
  await screen.scrubber.focus()
  await screen.press('o', 'End')
  expect(await outcomes.getByRole('row').count()).toBeLessThan(100)
  const last = Array.from({ length: 12 }, (_, i) => `x${Math.floor(i / 4)}${i % 4}=1`).join(' ')
  await expect(outcomes.getByRole('row', { name: `${last}; allowed` })).toBeVisible()
  await screen.press('Enter')
  await expect(parts(page).witness).toContainText(last)
})

test('a search that would take too long can be stopped, and is then undecided', async ({ page }) => {
  const screen = await Screen.open(page)
  await screen.editor.click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.insertText(stores(4, 16).replace('exists x00=0', 'exists x00=2'))
  const search = page.getByRole('region', { name: 'Exploration' })
  await expect(search).toContainText('so far')
  await search.getByRole('button', { name: 'Stop' }).click()
  await screen.idle()
  await expect(search).toContainText('Undecided. Exploring was stopped after')
  await expect(search.getByRole('button', { name: 'Explore again' })).toBeVisible()
})

test('a file that is dropped on the page, or chosen, opens', async ({ page }) => {
  const screen = await Screen.open(page)
  const data = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer()
    transfer.items.add(new File([text], 'sb.litmus'))
    return transfer
  }, fixture('TSO-SB'))
  for (const type of ['dragover', 'drop']) await page.locator('#board').dispatchEvent(type, { dataTransfer: data })
  await screen.idle()
  await expect(parts(page).thread('P1')).toBeVisible()
  const chooser = page.waitForEvent('filechooser')
  await screen.press('ControlOrMeta+o')
  await (await chooser).setFiles({
    name: 'a.litmus',
    mimeType: 'text/plain',
    buffer: Buffer.from(fixture('PX-A01-ww')),
  })
  await expect(parts(page).verdict).toContainText('4 images')
  const another = page.waitForEvent('filechooser')
  await page.getByRole('combobox', { name: 'Scenario' }).selectOption({ label: 'Open a file…' })
  await (await another).setFiles({
    name: 'a.c',
    mimeType: 'text/plain',
    buffer: Buffer.from('int main(void) { return 0; }'),
  })
  await expect(screen.stack).toBeVisible()
  await expect(page.getByRole('tab', { name: 'Outcomes' })).toBeHidden()
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`a litmus test, its witness and its end pass axe in the ${colorScheme} theme`, async ({ page }) => {
    await page.emulateMedia({ colorScheme })
    const screen = await Screen.open(page)
    await screen.write(fixture('PX-C06-flush-mca'))
    const check = async (where: string): Promise<void> => {
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
        .analyze()
      const found = violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))
      expect(found, where).toEqual([])
    }
    await check('the test')
    await parts(page)
      .row(/^x=1 y=1 z=1 w=0/)
      .click()
    await screen.idle()
    await screen.press('ArrowRight', 'ArrowRight', 'ArrowRight')
    await check('its witness')
    await screen.scrubber.focus()
    await screen.toTheEnd()
    await check('its end')
  })
}

for (const [w, h] of [
  [390, 844],
  [320, 640],
  [1024, 768],
] as const) {
  test(`at ${w} × ${h} nothing of a litmus test hangs out at the side`, async ({ page }) => {
    await page.setViewportSize({ width: w, height: h })
    const screen = await Screen.open(page)
    await screen.write(fixture('TSO-iwp2.7'))
    await parts(page)
      .row(/satisfies|allowed/)
      .first()
      .click()
    await screen.idle()
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
    for (const name of [/^Leave the witness/, 'satisfying only']) {
      const role = typeof name === 'string' ? 'checkbox' : 'button'
      const control = page.getByRole(role, { name })
      await control.scrollIntoViewIfNeeded()
      const box = await control.boundingBox()
      expect(box?.x).toBeGreaterThanOrEqual(0)
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(w)
    }
  })
}
