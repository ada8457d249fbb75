/** Imported before all else: the page's policy forbids to build code from text, so zod is told not to try. */
import { z } from "zod";

z.config({ jitless: true });
