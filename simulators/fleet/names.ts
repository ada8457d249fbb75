/**
 * Names of the generated city. All are invented: makers and maintenance firms wear the signs of the old calendar (甲 乙 丙 …; 甲子 乙丑 …),
 * so that no real one is charged with an invented fault; a likeness of any other name is chance.
 */
import type { Random } from "../random.ts";
import type { Use } from "../../src/core/building-use.ts";

const STEMS = "甲乙丙丁戊己庚辛壬癸".split("");
const BRANCHES = "子丑寅卯辰巳午未申酉戌亥".split("");
/** Signs of the sixty-year cycle, 0 to 59: 甲子, 乙丑, … 癸亥. */
function cycle(index: number): string {
  return `${STEMS[index % STEMS.length]}${BRANCHES[index % BRANCHES.length]}`;
}

/** Makers' signs and their shares of the market (assumption: a few large ones). */
export const MAKER_SHARES: readonly (readonly [sign: string, share: number])[] = STEMS.map((sign, index) => [sign, 1 / (index + 1.5)]);

const LOCAL_FIRMS = 31;
const ELSEWHERE = ["广州", "深圳", "佛山", "东莞", "惠州", "中山", "清远", "珠海", "江门", "长沙", "赣州", "郴州"];

export interface Firm {
  readonly name: string;
  /** How it begins the names of its stations. */
  readonly brief: string;
  readonly local: boolean;
}
/** The 61 maintenance firms (domain.md §1): 31 local ones, and 30 that wear the name of another city. */
export const FIRMS: readonly Firm[] = Array.from({ length: 61 }, (_, index) => {
  const local = index < LOCAL_FIRMS;
  const brief = local ? `韶关${cycle(index)}` : `${ELSEWHERE[(index - LOCAL_FIRMS) % ELSEWHERE.length]}${cycle(index % 60)}`;
  return { name: `${brief}电梯维保有限公司`, brief, local };
});

const FIRST = "锦瑞康和嘉盛丰泰祥福景翠雅兰云星月晨旭玉清明朗启宏宜悦怡逸颐君凤鹤松竹梅桂榕枫荷溪泉澜汀岭岚".split("");
const SECOND = "兴隆荣宁泽腾庭苑园轩府台峰林坊洲湾岸川河汇港城都邦域里居舍轮阳春夏秋霖霞晖曦煦韵颂咏畅".split("");

/** Words of two signs, each once, in an order of their own for each generator; numbered when they run out. */
export function* words(random: Random): Generator<string, never> {
  const all = shuffled(
    FIRST.flatMap((first) => SECOND.map((second) => first + second)),
    random,
  );
  for (let round = 1; ; round++) for (const word of all) yield round === 1 ? word : `${word}${round}`;
}

/** What the ground of a user unit is called after its word, and the unit itself. */
const PLACES: Record<Use, readonly string[]> = {
  residential: ["花园", "新城", "家园", "雅苑", "名居", "华庭", "小区"],
  office: ["大厦", "写字楼", "办公楼"],
  mall: ["购物中心", "百货商场", "商业广场", "购物中心", "百货商场", "商业广场", "客运站"],
  hospital: ["医院", "医院", "卫生院"],
  hotel: ["酒店", "宾馆"],
  industrial: ["工业园", "产业园", "物流园"],
};
const UNITS: Record<Use, string> = {
  residential: "物业服务有限公司",
  office: "商务管理有限公司",
  mall: "商业管理有限公司",
  hospital: "医院",
  hotel: "酒店管理有限公司",
  industrial: "实业有限公司",
};
const WINGS = ["门诊楼", "住院楼", "医技楼", "综合楼", "康复楼"];

export function placeName(word: string, use: Use, random: Random): string {
  return word + random.pick(PLACES[use]);
}

export function unitName(districtFull: string, word: string, use: Use): string {
  return `韶关市${districtFull}${word}${UNITS[use]}`;
}

/** The building `number`, from 1, of `count` on one ground. */
export function buildingName(place: string, use: Use, number: number, count: number): string {
  if (use === "residential") return `${place}${number}栋`;
  if (use === "industrial") return `${place}${number}号厂房`;
  if (use === "hospital") return place + (WINGS[number - 1] ?? `${number}号楼`);
  return count === 1 ? place : `${place}${String.fromCodePoint(64 + number)}座`;
}

const ROADS = ["人民", "建设", "解放", "新华", "文化", "工业", "滨江", "环城", "站前", "朝阳", "中山", "教育"];
const PARTS = ["东路", "西路", "南路", "北路", "中路", "大道"];

export function address(districtFull: string, random: Random): string {
  return `韶关市${districtFull}${random.pick(ROADS)}${random.pick(PARTS)}${random.integer(1, 320)}号`;
}

/** A copy in random order (Fisher and Yates). */
export function shuffled<T>(list: readonly T[], random: Random): T[] {
  const copy = [...list];
  for (let last = copy.length - 1; last > 0; last--) {
    const other = random.integer(0, last);
    [copy[last], copy[other]] = [copy[other] as T, copy[last] as T];
  }
  return copy;
}
