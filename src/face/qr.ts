/** An invite that a camera can read. */

/** Light around the code, in its squares: less, and cameras miss it; the standard's four cost four columns more. */
const border = 2;

/**
 * The rows of a QR code, two of its squares in each character: light ones are drawn, dark ones are the background. All
 * rows have the same width. What draws it is loaded only now, so that nobody waits for it at the start.
 */
export async function qrRows(text: string): Promise<string[]> {
  const { renderUnicodeCompact } = await import('uqr');
  return renderUnicodeCompact(text, { border }).split('\n');
}
