/** A drawing with its words: an SVG in the pixels of the screen, so that its text is as large on a phone as elsewhere. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

const FIRST_WIDTH_PX = 640;

interface FigureProps {
  readonly title: string;
  /** What the drawing shows, in a sentence or two, for those who do not see it. */
  readonly description: string;
  readonly height: number;
  readonly draw: (width: number) => ComponentChildren;
}

/** `draw` gets the width in px and gives the SVG's contents. */
export function Figure({ title, description, height, draw }: FigureProps) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(FIRST_WIDTH_PX);
  const id = useId();
  useEffect(() => {
    const host = place.current;
    if (host === null) return undefined;
    const resized = new ResizeObserver(() => {
      if (host.clientWidth > 0) setWidth(host.clientWidth);
    });
    resized.observe(host);
    return () => resized.disconnect();
  }, []);
  return (
    <div ref={place} class="figure-host">
      <svg
        class="figure-plot"
        role="img"
        aria-labelledby={`${id}t`}
        aria-describedby={`${id}d`}
        viewBox={`0 0 ${width} ${height}`}
        height={height}
      >
        <title id={`${id}t`}>{title}</title>
        <desc id={`${id}d`}>{description}</desc>
        {draw(width)}
      </svg>
    </div>
  );
}

export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

interface AxesProps {
  readonly box: Box;
  readonly x: { readonly label: string; readonly ticks: readonly number[]; readonly at: (value: number) => number };
  readonly y: { readonly label: string; readonly ticks: readonly number[]; readonly at: (value: number) => number };
  readonly write: (value: number) => string;
}

/** Grid, ticks and names of both axes; `at` in px. */
export function Axes({ box, x, y, write }: AxesProps) {
  return (
    <g class="axes">
      {y.ticks.map((value) => (
        <g key={`y${value}`}>
          <line x1={box.left} x2={box.right} y1={y.at(value)} y2={y.at(value)} />
          <text x={box.left - 6} y={y.at(value) + 4} text-anchor="end">
            {write(value)}
          </text>
        </g>
      ))}
      {x.ticks.map((value) => (
        <g key={`x${value}`}>
          <line x1={x.at(value)} x2={x.at(value)} y1={box.top} y2={box.bottom} />
          <text x={x.at(value)} y={box.bottom + 16} text-anchor="middle">
            {write(value)}
          </text>
        </g>
      ))}
      <text x={(box.left + box.right) / 2} y={box.bottom + 34} text-anchor="middle">
        {x.label}
      </text>
      <text x={4} y={box.top - 10}>
        {y.label}
      </text>
    </g>
  );
}
