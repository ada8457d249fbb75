/** The part of upng-js that is used here; the package brings no types. */
declare module "upng-js" {
  interface Picture {
    readonly width: number;
    readonly height: number;
  }
  const UPNG: {
    decode(png: ArrayBuffer): Picture;
    /** Frames as RGBA bytes. */
    toRGBA8(picture: Picture): ArrayBuffer[];
    /** `colours`: size of the palette; 0 for no loss. */
    encode(frames: readonly ArrayBuffer[], width: number, height: number, colours: number): ArrayBuffer;
  };
  export default UPNG;
}
