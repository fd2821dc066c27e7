/** A button that opens a small window under it: Escape, a click elsewhere or the button close it. */

import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";

interface Props {
  /** What the button says, such as "Channel". */
  readonly label: string;
  /** What is set, such as "web, phone"; empty where nothing is. */
  readonly value?: string | undefined;
  /** Whether the value is other than by default; it is where it says something if not given. */
  readonly isSet?: boolean;
  readonly title?: string;
  readonly onClear?: (() => void) | undefined;
  readonly kind?: "pill" | "menu";
  readonly children: (close: () => void) => ComponentChildren;
}

const FOCUSABLE = "input, select, textarea, button:not([disabled]), a[href]";

export function Popover({ label, value, isSet = Boolean(value), title, onClear, kind = "pill", children }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  const whole = useRef<HTMLSpanElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const close = (): void => {
    setIsOpen(false);
    button.current?.focus();
  };

  useEffect(() => {
    if (!isOpen) return undefined;
    const elsewhere = (event: PointerEvent): void => {
      if (!whole.current?.contains(event.target as Node)) setIsOpen(false);
    };
    addEventListener("pointerdown", elsewhere);
    return () => removeEventListener("pointerdown", elsewhere);
  }, [isOpen]);
  useLayoutEffect(() => {
    if (!isOpen || !box.current) return;
    const over = box.current.getBoundingClientRect().right - (document.documentElement.clientWidth - 8);
    if (over > 0) box.current.style.left = `${-over}px`;
    box.current.querySelector<HTMLElement>(FOCUSABLE)?.focus();
  }, [isOpen]);

  return (
    <span class={`popover ${kind}${isSet ? " set" : ""}`} ref={whole}
      onKeyDown={(event) => { if (event.key === "Escape" && isOpen) { event.stopPropagation(); close(); } }}
      onFocusOut={(event) => {
        if (isOpen && event.relatedTarget && !whole.current?.contains(event.relatedTarget as Node)) setIsOpen(false);
      }}>
      <button type="button" ref={button} class="opener" aria-haspopup="dialog" aria-expanded={isOpen} aria-controls={isOpen ? id : undefined}
        title={title} onClick={() => setIsOpen(!isOpen)}>
        <span class="label">{label}</span>
        {value && <bdi class="value">{value}</bdi>}
        <span class="arrow" aria-hidden="true">▾</span>
      </button>
      {isSet && onClear && (
        <button type="button" class="clear" aria-label={`Clear ${label}`} onClick={() => { onClear(); button.current?.focus(); }}>✕</button>
      )}
      {isOpen && (
        <div class="window" id={id} ref={box} role="dialog" aria-label={label}>
          {children(close)}
        </div>
      )}
    </span>
  );
}
