/** The words of the engineer's pages, in the reader's language. They come with this chunk. */
import { inLanguage } from "../preferences.ts";
import { en } from "./messages-en.ts";
import { zh } from "./messages-zh.ts";

export const say = inLanguage(en, zh);
