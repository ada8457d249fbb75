/** Entry point of the journal's thread: the engine on the real disk. */
import { parentPort, workerData } from "node:worker_threads";
import { fileDisk } from "./disk.ts";
import { type EngineOptions, type EnginePort, runEngine } from "./engine.ts";

runEngine(parentPort as unknown as EnginePort, fileDisk, workerData as EngineOptions);
