/** Who takes part: a name, and a line below it that says what it is. */
export interface Actor {
  readonly name: string;
  readonly is: string;
}

/** One arrow: from whom to whom, by their place in the list of actors, and what is said; a text of several lines has `\n`. */
export interface Step {
  readonly from: number;
  readonly to: number;
  readonly says: string;
  /** Drawn as a dashed line. */
  readonly answer?: boolean;
}

export interface Sequence {
  /** What the picture shows, for those who do not see it. */
  readonly title: string;
  readonly actors: readonly Actor[];
  readonly steps: readonly Step[];
}

const COLUMN = 196;
const HEAD = 60;
const LINE = 16;
const GAP = 26;

/** A ground of its own, so that the picture reads on a dark page as on a light one. */
const STYLE =
  '.ground{fill:#fff;stroke:#d0d7de}.box{fill:#ddf4ff;stroke:#54aeff}.life{stroke:#d0d7de}' +
  '.arrow{stroke:#0550ae;stroke-width:1.5;fill:none}.answer{stroke-dasharray:5 4}.head{fill:#0550ae}' +
  'text{fill:#1f2328;font:12.5px ui-sans-serif,system-ui,sans-serif}.name{font-weight:600;font-size:14px}.is{fill:#57606a;font-size:11.5px}' +
  '.says{paint-order:stroke;stroke:#fff;stroke-width:4px}';

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const centre = (place: number): number => COLUMN / 2 + place * COLUMN;

function words(text: string, x: number, bottom: number, anchor = 'middle'): string {
  const lines = text.split('\n');
  return lines
    .map((line, index) => {
      const y = bottom - (lines.length - 1 - index) * LINE;
      return `<text class="says" x="${x}" y="${y}" text-anchor="${anchor}">${escaped(line)}</text>`;
    })
    .join('');
}

const heightOf = ({ says, from, to }: Step): number => says.split('\n').length * LINE + GAP + (from === to ? 6 : 0);

/** An arrow whose line is at `y`; one to oneself is a hook to the right, with its words beside it. */
function arrow({ from, to, says, answer = false }: Step, y: number): string {
  const style = `arrow${answer ? ' answer' : ''}`;
  const [start, end] = [centre(from), centre(to)];
  if (from === to) {
    const path = `<path class="${style}" d="M${start},${y - 14}h16v14h-11"/>`;
    return `${path}<path class="head" d="M${start + 2},${y}l8,-4v8z"/>${words(says, start + 24, y - 2, 'start')}`;
  }
  const back = start < end ? -8 : 8;
  const line = `<path class="${style}" d="M${start},${y}H${end + back}"/>`;
  const head = `<path class="head" d="M${end},${y}l${back},-4v8z"/>`;
  return `${line}${head}${words(says, (start + end) / 2, y - 6)}`;
}

function actorBox({ name, is }: Actor, place: number, height: number): string {
  const x = centre(place);
  const life = `<path class="life" d="M${x},58V${height - 14}"/>`;
  const box = `<rect class="box" x="${x - 84}" y="14" width="168" height="44" rx="6"/>`;
  const text = `<text class="name" x="${x}" y="33" text-anchor="middle">${escaped(name)}</text>`;
  return `${life}${box}${text}<text class="is" x="${x}" y="49" text-anchor="middle">${escaped(is)}</text>`;
}

/** A sequence as a picture. */
export function drawSequence({ title, actors, steps }: Sequence): string {
  const width = actors.length * COLUMN;
  let y = HEAD;
  const arrows = steps.map((step) => {
    y += heightOf(step);
    return arrow(step, y);
  });
  const height = y + 36;
  const open = `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`;
  const ground = `<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`;
  const boxes = actors.map((actor, place) => actorBox(actor, place, height));
  const parts = [open, `<title>${escaped(title)}</title>`, `<style>${STYLE}</style>`, ground, ...boxes, ...arrows];
  return `${parts.join('\n')}\n</svg>\n`;
}
