/** The built-in city's districts as English readers say them (domain.md §1). */
export const DISTRICT_NAMES: ReadonlyMap<string, string> = new Map([
  ["浈江", "Zhenjiang"],
  ["武江", "Wujiang"],
  ["曲江", "Qujiang"],
  ["乐昌", "Lechang"],
  ["南雄", "Nanxiong"],
  ["仁化", "Renhua"],
  ["始兴", "Shixing"],
  ["乳源", "Ruyuan"],
  ["翁源", "Wengyuan"],
  ["新丰", "Xinfeng"],
]);
