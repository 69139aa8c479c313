/** The contrast of text to what is behind it, as WCAG 2 computes it. */
import type { Page } from 'playwright-core';

/** The texts of a page whose contrast is below 4.5, or below 3 where they are large. */
export async function faintTexts(page: Page, within: string): Promise<string[]> {
  return page.evaluate((selector) => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    if (!canvas) return ['no canvas'];
    const draw = (colours: string[]): number[] => {
      canvas.clearRect(0, 0, 1, 1);
      for (const colour of colours) {
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
      }
      return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const luminance = (colour: number[]): number => {
      const [red = 0, green = 0, blue = 0] = colour.map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const faint: string[] = [];
    for (const element of document.querySelectorAll<HTMLElement>(`${selector} *`)) {
      const own = [...element.childNodes].some(
        (node) => node.nodeType === Node.TEXT_NODE && (node.textContent ?? '').trim() !== '',
      );
      const box = element.getBoundingClientRect();
      if (!own || box.width < 2 || box.height < 2 || element.closest(':disabled, [aria-disabled="true"]'))
        continue;
      const style = getComputedStyle(element);
      if (style.visibility === 'hidden') continue;
      const behind: string[] = [];
      for (let one: HTMLElement | null = element; one; one = one.parentElement) {
        behind.unshift(getComputedStyle(one).backgroundColor);
      }
      behind.unshift('white');
      const colour = element instanceof SVGElement ? style.fill : style.color;
      const [light, dark] = [luminance(draw([...behind, colour])), luminance(draw(behind))].sort(
        (a, b) => b - a,
      );
      const ratio = ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
      const size = Number.parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      if (ratio < (large ? 3 : 4.5)) {
        faint.push(
          `${element.tagName} ${element.className} '${(element.textContent ?? '').trim().slice(0, 30)}' ${ratio.toFixed(2)}`,
        );
      }
    }
    return [...new Set(faint)];
  }, within);
}
