/** Records of what keeps a lift from serving well, and of what is learnt about it. */
import type { Hazard } from "../effects.ts";
import { HOUR_MS, NEXT_VISIT, ON_SITE, SAME_DAY, type RationaleRecord } from "./record.ts";

export const WEAR = {
  "levelling-drift": {
    cause: {
      en: "Levelling switch or vane moved, rope stretched, brake or drive out of adjustment.",
      zh: "平层感应器或遮光板移位、钢丝绳伸长、制动或调速失调。",
    },
    consequence: {
      en: "A step at the landing: people trip, wheelchairs and beds do not pass.",
      zh: "轿厢与层站形成台阶，乘客绊倒，轮椅、病床无法通过。",
    },
    action: {
      en: "Have the levelling adjusted at this floor, or at all floors where all are off.",
      zh: "调整该层（或全部楼层）平层精度。",
    },
    ...SAME_DAY,
  },
  "position-lost": {
    cause: { en: "Encoder slips, a floor switch fails, or the control was reset.", zh: "编码器打滑、楼层感应器失效，或控制系统复位。" },
    consequence: {
      en: "The lift runs to a terminal landing to find itself, stops at wrong floors, or stops altogether.",
      zh: "电梯返端站校正、错层停靠或停梯。",
    },
    action: { en: "Where it comes again, have encoder and floor switches checked.", zh: "如再次出现，检查编码器及楼层感应器。" },
    ...SAME_DAY,
  },
  "handrail-deviation": {
    cause: { en: "The handrail drive slips: belt tension, worn wheel, water.", zh: "扶手带驱动打滑：张紧不足、摩擦轮磨损或进水。" },
    consequence: { en: "People are pulled off balance and fall.", zh: "乘客手脚不同步而失去平衡跌倒。" },
    action: { en: "Stop the escalator when it lasts, and have the handrail drive set.", zh: "持续偏差时停梯，调整扶手带驱动装置。" },
    ...ON_SITE,
  },
  "reported-fault": {
    cause: {
      en: "The controller reports a code that names no hazard by itself; see the code's own words.",
      zh: "控制器上报的故障代码，未直接对应某一危险，详见代码含义。",
    },
    consequence: { en: "Mostly the lift stands until somebody has mended it.", zh: "多数情况下电梯停梯，待维修后恢复。" },
    action: {
      en: "Send the maintenance firm by the gravity of the code; a code that ends by itself is noted.",
      zh: "按代码严重程度派维保单位；自行恢复的予以记录。",
    },
    ...ON_SITE,
    respondWithinMs: 4 * HOUR_MS,
    respondSource: "A: a stopped lift is looked at within half a working day",
  },
  "repeated-faults": {
    cause: {
      en: "A cause that was reset and not removed: a contact, a lock, a door that is out of adjustment.",
      zh: "故障仅复位而未排除：触点、门锁或门系统失调。",
    },
    consequence: { en: "The lift fails again, in the end with people inside.", zh: "故障反复，最终可能困人。" },
    action: {
      en: "Do not let it be reset once more: have the cause found, and write down what was done. Chronic lifts go on the monthly review.",
      zh: "不得再次简单复位，须查明原因并记录处置；顽固故障电梯列入月调度。",
    },
    ...SAME_DAY,
  },
  "fault-rate-high": {
    cause: {
      en: "Wear, a bad repair, or poor maintenance of this lift, model or firm.",
      zh: "部件老化、维修不彻底，或该型号、该单位维保质量下降。",
    },
    consequence: { en: "More stops and entrapments in the weeks to come.", zh: "今后数周停梯与困人将增多。" },
    action: {
      en: "Plan a thorough inspection; compare with the firm's and the model's other lifts. A candidate for a spot check.",
      zh: "安排专项检查，与同单位、同型号电梯对比，列为抽查对象。",
    },
    ...NEXT_VISIT,
  },
  silent: {
    cause: { en: "Network, device or its power is away; seldom the lift itself.", zh: "网络、采集设备或其供电中断，少数为电梯本身断电。" },
    consequence: { en: "Nobody would see an entrapment in this lift.", zh: "该梯发生困人时平台无法发现。" },
    action: {
      en: "Where others of the building or gateway are silent too, look there. Else have device and network checked within the day.",
      zh: "先看同楼宇、同网关是否也中断；否则当日检查采集设备与网络。",
    },
    owner: "devices",
    respondWithinMs: 24 * HOUR_MS,
    respondSource: "A: within the day",
    revision: 1,
  },
  "door-held-open": {
    cause: {
      en: "Something stands in the door, loading goes on, the door sensor is dirty, or the door drive fails.",
      zh: "门口有障碍物、搬运物品、光幕污损，或门机故障。",
    },
    consequence: { en: "The lift does not serve; goods left in the door damage it.", zh: "电梯无法服务，长期挡门会损坏门系统。" },
    action: {
      en: "Ask the building to clear the door; where nothing stands there, order a visit.",
      zh: "通知使用单位清除障碍；无障碍物时报维保检查。",
    },
    ...SAME_DAY,
  },
  "door-cycling": {
    cause: {
      en: "Rubbish in the sill, a dirty light curtain, a worn door guide, or people who hold the door.",
      zh: "地坎有杂物、光幕污损、门导轨磨损，或有人反复挡门。",
    },
    consequence: { en: "The most common way to an entrapment: the door drive gives up.", zh: "门系统反复动作后失效，是困人的常见前兆。" },
    action: {
      en: "Have the sill cleaned; at twenty reopenings at one stop send the maintenance firm the same day.",
      zh: "清理地坎；一次停站反复开关达二十次时当日派维保单位。",
    },
    ...SAME_DAY,
  },
  "door-slowing": {
    cause: { en: "Rollers, belt or motor of the door wear; the sill is dirty.", zh: "门滚轮、皮带或门电机磨损，地坎积尘。" },
    consequence: { en: "Door faults follow within weeks.", zh: "数周内可能发展为门故障。" },
    action: { en: "Put it on the list for the next maintenance visit.", zh: "列入下次维保项目。" },
    ...NEXT_VISIT,
  },
  "travel-slowing": {
    cause: {
      en: "The drive runs slower than it did: parameters, a failing inverter, more friction in the guides.",
      zh: "运行变慢：参数被改、变频器老化，或导轨摩擦增大。",
    },
    consequence: { en: "Longer waits, and a drive that may fail.", zh: "候梯时间变长，驱动装置可能失效。" },
    action: {
      en: "Compare the settings with the last acceptance test, and look at guides and drive at the next visit.",
      zh: "与上次检验时的参数核对，下次维保检查导轨与驱动。",
    },
    ...NEXT_VISIT,
  },
  "frozen-signal": {
    cause: {
      en: "A sensor is broken, unplugged or badly set, or the device repeats old values.",
      zh: "传感器损坏、脱落或标定错误，或采集设备重复上报旧值。",
    },
    consequence: { en: "The rules that rest on this signal are blind, or tell wrong things.", zh: "依赖该信号的规则失效或误报。" },
    action: {
      en: "Have the sensor checked; until then judge this lift's alerts with care.",
      zh: "检修传感器；修复前对该梯报警应审慎判断。",
    },
    owner: "devices",
    respondWithinMs: 7 * 24 * HOUR_MS,
    respondSource: "A: within the week",
    revision: 1,
  },
} as const satisfies Partial<Record<Hazard, RationaleRecord>>;
