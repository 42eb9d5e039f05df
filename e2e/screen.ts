/** The page as a person sees it: what is said, what can be pressed. Specs speak to this, never to selectors. */

import { expect, type Locator, type Page } from '@playwright/test'

export class Screen {
  readonly page: Page
  readonly editor: Locator
  readonly scrubber: Locator
  readonly problems: Locator
  readonly messages: Locator
  readonly stack: Locator
  readonly inspector: Locator

  constructor(page: Page) {
    this.page = page
    this.editor = page.getByRole('textbox', { name: 'Program text' })
    this.scrubber = page.getByRole('slider', { name: 'Step' })
    this.problems = page.getByRole('region', { name: 'Problems' })
    this.messages = page.getByRole('region', { name: 'Messages' })
    this.stack = page.getByRole('region', { name: 'Call stack' })
    this.inspector = page.getByRole('complementary', { name: 'Inspector' })
  }

  /** `fragment`: of a shared link. Nothing is animated. */
  static async open(page: Page, fragment = ''): Promise<Screen> {
    await page.goto(`/?testing=1${fragment}`)
    const screen = new Screen(page)
    await screen.idle()
    return screen
  }

  async idle(): Promise<void> {
    await this.page.waitForFunction(() => window.pmemscope !== undefined)
    await this.page.evaluate(() => window.pmemscope.idle())
  }

  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      await this.page.keyboard.press(key)
      await this.idle()
    }
  }

  async click(name: string | RegExp): Promise<void> {
    await this.page.getByRole('button', { name }).first().click()
    await this.idle()
  }

  async step(): Promise<number> {
    return Number(await this.scrubber.inputValue())
  }

  async sentence(): Promise<string> {
    return (await this.page.getByTestId('sentence').textContent()) ?? ''
  }

  /** Everything that is drawn or written about this moment, once what loads late is there. */
  async picture(): Promise<string> {
    await expect(this.inspector.locator('[aria-busy=true]')).toHaveCount(0)
    const board = await this.page.locator('.board-svg').evaluate((svg) => svg.innerHTML)
    const texts = [this.stack, this.inspector].map((part) => part.textContent())
    return [board, await this.sentence(), ...(await Promise.all(texts))].join('\n')
  }

  async toTheEnd(): Promise<void> {
    await this.press('End')
  }

  async write(text: string): Promise<void> {
    await this.editor.click()
    await this.page.keyboard.press('ControlOrMeta+a')
    await this.page.keyboard.insertText(text)
    await this.idle()
  }

  /** Copies a link to this place and returns its fragment. */
  async share(): Promise<string> {
    await this.page.keyboard.press('ControlOrMeta+s')
    const field = this.page.getByRole('textbox', { name: 'Link' })
    await expect(field).toBeVisible()
    const fragment = new URL(await field.inputValue()).hash
    await this.page.keyboard.press('Escape')
    await expect(field).toBeHidden()
    await this.idle()
    return fragment
  }
}
