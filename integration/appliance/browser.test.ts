import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium, newPage, SCREENSHOTS } from './chromium.ts';
import { createHousehold, type Household } from './harness.ts';

let household: Household;
let browser: Browser;
let port: number;
let operator: string;

beforeAll(async () => {
  household = createHousehold();
  operator = (await household.lares('keys', 'create', '--name', 'Anna')).stdout.trim();
  ({ port } = await household.start(
    `[appliance]\nhostname = "hearth"\n[admin]\nport = 0\n[operator]\nkeys = [${operator}]\n`,
  ));
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await household[Symbol.asyncDispose]();
});

async function openLink(at = port): Promise<string> {
  const opened = await household.lares('open', `localhost:${at}`, '--print');
  expect(opened.code, opened.stderr).toBe(0);
  return opened.stdout.trim();
}

describe('the status page in a browser', () => {
  it('is entered by a link, once, without a client certificate', async () => {
    const link = await openLink();
    const { page, faults } = await newPage(browser);
    await page.goto(link);
    await page.waitForURL('**/status');
    expect(await page.locator('h1').textContent()).toBe('All is well');
    expect(await page.locator('.what').textContent()).toBe('demo-service');
    expect(await page.getByText('self-signed, until').count()).toBe(1);
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({
      name: '__Host-lares-session',
      httpOnly: true,
      secure: true,
      sameSite: 'Strict',
    });
    await page.screenshot({ path: `${SCREENSHOTS}status.png` });
    await page.screenshot({ path: `${SCREENSHOTS}status-whole.png`, fullPage: true });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.screenshot({ path: `${SCREENSHOTS}status-dark.png` });
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.emulateMedia({ colorScheme: 'light' });
    await page.screenshot({ path: `${SCREENSHOTS}status-desktop.png` });
    expect(faults).toEqual([]);

    const { page: second } = await newPage(browser);
    const answer = await second.goto(link);
    expect(answer?.status()).toBe(403);
    expect(await second.locator('h1').textContent()).toBe('That link was used already');
  });

  it('fits a phone: nothing is wider than the screen', async () => {
    const { page } = await newPage(browser);
    await page.goto(await openLink());
    await page.waitForURL('**/status');
    for (const width of [320, 390]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    }
  });

  it('shows the log live', async () => {
    const { page, faults } = await newPage(browser);
    await page.goto(await openLink());
    await page.waitForURL('**/status');
    await page.getByRole('link', { name: 'Log', exact: true }).click();
    await page.getByText('live', { exact: true }).waitFor();
    const before = await page.locator('.log li', { hasText: 'operator logged in' }).count();
    const { page: other } = await newPage(browser);
    await other.goto(await openLink());
    await page.locator('.log li', { hasText: 'operator logged in' }).nth(before).waitFor();
    expect(faults).toEqual([]);
  });

  it('turns a stranger away and says how to enter', async () => {
    const { page } = await newPage(browser);
    const answer = await page.goto(`https://localhost:${port}/status`);
    expect(answer?.status()).toBe(403);
    expect(await page.getByText(`lares open localhost:${port}`).count()).toBe(1);
    expect(await page.content()).not.toContain('hearth');
  });

  it('says plainly what is wrong with the configuration, on a machine that stays up', async () => {
    const { port: faultyPort } = await household.start(
      `[admin]\nport = 0\n[operator]\nkeys = [${operator}]\n[demo-service]\nport = "many"\n[demo-servcie]\n`,
      { kind: 'machine', data: 'faulty', until: /service is not started/ },
    );
    const { page } = await newPage(browser);
    await page.goto(await openLink(faultyPort));
    await page.waitForURL('**/status');
    expect(await page.locator('h1').textContent()).toBe('The configuration is faulty');
    const faults = await page.locator('.state li').allTextContents();
    expect(faults.join('\n')).toMatch(
      /:6: demo-service\.port: "many" is not right; right is a whole number from 0 to 65535: the port to hold, such as 8080\n.*:7: demo-servcie: is not known; did you mean "demo-service"\?/,
    );
    await page.screenshot({ path: `${SCREENSHOTS}status-faulty.png`, fullPage: true });
  });
});
