/** Records of the hazards that endanger people at once. */
import type { Hazard } from "../effects.ts";
import { AT_ONCE, ON_SITE, type RationaleRecord } from "./record.ts";

export const DANGER = {
  entrapment: {
    cause: {
      en: "The car stopped between floors: mains failure, an open safety circuit, a door lock that was touched, rubbish in the sill, or a fault of the control.",
      zh: "轿厢停在两层之间：停电、安全回路断开、门锁被触碰、地坎有杂物，或控制系统故障。",
    },
    consequence: {
      en: "People are shut in, without air conditioning and sometimes without light; some will try to climb out, and fall into the shaft.",
      zh: "乘客被困，可能没有通风和照明；自行扒门逃离有坠入井道的危险。",
    },
    action: {
      en: "Speak to them through the intercom and tell them to keep away from the door. Dispatch the maintenance firm, and rescue services where somebody is unwell. Close the case only when the people are out.",
      zh: "通过对讲安抚乘客，嘱其远离轿门、切勿扒门；立即派维保单位救援，有人不适时同时联系消防和急救。乘客全部救出后方可结案。",
    },
    ...AT_ONCE,
  },
  "entrapment-at-level": {
    cause: {
      en: "The car stands at its landing and the door does not open: door drive, door lock, control, or a power failure at the stop.",
      zh: "轿厢已平层但门打不开：门机、门锁或控制故障，或停站时断电。",
    },
    consequence: {
      en: "People are shut in; they may force the door and be caught when it moves.",
      zh: "乘客被困；强行扒门时可能被突然动作的门夹伤。",
    },
    action: {
      en: "Speak to them, try to open the door from afar where the lift can, and dispatch the maintenance firm. Where only the person sensor speaks for people, listen before you send anybody.",
      zh: "先通话确认轿厢内是否有人；具备条件时远程开门，并派维保单位到场。如仅人员传感器报有人，应先核实再派人。",
    },
    ...AT_ONCE,
  },
  "unintended-movement": {
    cause: {
      en: "The brake does not hold, or the drive moves the car while a door is open: worn brake lining, oil on it, a bridged door contact, a fault of the control.",
      zh: "制动器失效，或开门状态下驱动主机带动轿厢：制动衬磨损或沾油、门锁触点被短接、控制故障。",
    },
    consequence: {
      en: "Whoever steps in or out is crushed between car and landing or falls into the shaft.",
      zh: "进出轿厢的人员可能被剪切、挤压，或坠入井道。",
    },
    action: {
      en: "Take the lift out of service at once, warn the building, send the maintenance firm. It must not serve again before brake and door circuit have been tested.",
      zh: "立即停用该梯并通知使用单位现场围挡，派维保单位到场；制动器和门锁回路检验合格前不得恢复使用。",
    },
    ...AT_ONCE,
  },
  "door-open-while-running": {
    cause: {
      en: "A door came open in a running car and the safety circuit did not stop it: a bridged lock contact, a worn lock, or forced doors.",
      zh: "运行中门打开而安全回路未动作：门锁触点短接、门锁磨损，或门被扒开。",
    },
    consequence: { en: "People can be struck by the passing landings or fall into the shaft.", zh: "乘客可能被井道部件撞击，或坠入井道。" },
    action: {
      en: "Take the lift out of service at once and have every lock contact checked for bridging before it runs again.",
      zh: "立即停用，逐层检查门锁触点是否被短接，合格后方可恢复运行。",
    },
    ...AT_ONCE,
  },
  overspeed: {
    cause: {
      en: "The drive lost control of the speed, the brake or the ropes slip, or the counterweight pulls an empty car up.",
      zh: "调速失控、制动力不足、钢丝绳打滑，或空载轿厢被对重拉动上行。",
    },
    consequence: {
      en: "The governor trips and the safety gear stops the car hard; if it fails, the car strikes the end of the shaft.",
      zh: "限速器—安全钳动作使轿厢急停伤人；若保护失效，将发生冲顶或蹲底。",
    },
    action: {
      en: "Stop the lift at a landing, let people out, take it out of service. Check governor, brake and drive; a tripped governor is reset on site only.",
      zh: "就近平层放客后停用，检查限速器、制动器和驱动装置；限速器动作后只能现场复位。",
    },
    ...AT_ONCE,
  },
  overtravel: {
    cause: {
      en: "The car did not stop at its terminal landing: slowdown or limit switch out of place, brake slip, or a lost position.",
      zh: "端站未正常停车：强迫减速或限位开关失灵、制动滑移，或位置丢失。",
    },
    consequence: { en: "The car strikes buffer or overhead; people inside are hurt and shut in.", zh: "轿厢蹲底或冲顶，乘客受伤并被困。" },
    action: {
      en: "Find out by intercom whether somebody is inside; dispatch the maintenance firm. Do not let the lift be moved from afar.",
      zh: "通过对讲确认有无乘客，派维保单位到场处置；不得远程移动轿厢。",
    },
    ...AT_ONCE,
  },
  "escalator-overspeed": {
    cause: {
      en: "Drive chain, coupling or speed control have failed, often downwards under load.",
      zh: "驱动链、联轴器或调速装置失效，多见于满载下行。",
    },
    consequence: { en: "People fall and pile up at the lower landing.", zh: "乘客跌倒，在下端出口拥挤踩踏。" },
    action: {
      en: "Have somebody on site press the emergency stop, close both landings, send the maintenance firm.",
      zh: "通知现场按下急停按钮，封闭两端出入口，派维保单位到场。",
    },
    ...AT_ONCE,
  },
  "escalator-reversal": {
    cause: {
      en: "Steps run back under their load: drive chain broken, brake too weak.",
      zh: "驱动链断裂或制动力不足，梯级在载荷下反向运行。",
    },
    consequence: { en: "People on the steps fall backwards, many at once.", zh: "梯级上的乘客成批向后摔倒。" },
    action: {
      en: "Emergency stop, close the escalator, count and help the injured; it stays out of service until brake and auxiliary brake were tested.",
      zh: "立即急停并封闭，救助伤者；主、附加制动器检验合格前不得启用。",
    },
    ...AT_ONCE,
  },
  "escalator-missing-step": {
    cause: { en: "A step or pallet was left out after maintenance, or has broken.", zh: "维保后漏装梯级（踏板），或梯级断裂。" },
    consequence: { en: "Somebody steps into the gap and is drawn into the machine.", zh: "乘客踏空，肢体被卷入。" },
    action: {
      en: "Close both landings at once and keep it stopped; only the maintenance firm may turn it.",
      zh: "立即封闭两端并保持停机，仅维保人员可盘车检查。",
    },
    ...AT_ONCE,
  },
  "mass-event": {
    cause: {
      en: "One cause for many lifts: power cut of a building or district, a network or gateway that is away, a firm's server.",
      zh: "多台电梯同一原因：楼宇或片区停电、网络或网关中断、厂商平台故障。",
    },
    consequence: {
      en: "People may be shut in at several places at once, and nobody sees the lifts while it lasts.",
      zh: "可能多处同时困人，且事件期间无法监测这些电梯。",
    },
    action: {
      en: "Find the common cause first: ask the power utility or the network. Work through the entrapments among the members one by one; dispatch by building.",
      zh: "先查共同原因（供电、网络），再逐一处置其中的困人；按楼宇统筹派员。",
    },
    ...AT_ONCE,
  },
  "stopped-outside-door-zone": {
    cause: {
      en: "The car stands between floors with nobody known to be inside: safety circuit open, drive fault, power failure.",
      zh: "轿厢停在两层之间，未发现有人：安全回路断开、驱动故障或断电。",
    },
    consequence: {
      en: "The lift does not serve. Where no sensor counts people, somebody may be shut in after all.",
      zh: "电梯停止服务；无人员检测的电梯仍可能有人被困。",
    },
    action: {
      en: "Call the car by intercom where its occupancy is unknown. Then send the maintenance firm as for a stopped lift.",
      zh: "无人员检测时先通过对讲确认轿厢内有无乘客，再按停梯故障派维保单位。",
    },
    ...ON_SITE,
  },
  "run-time-exceeded": {
    cause: {
      en: "The motor turns and the car does not come on: ropes slip on a worn sheave, car or counterweight is stuck.",
      zh: "电动机运转而轿厢不动：曳引轮磨损打滑，或轿厢、对重卡阻。",
    },
    consequence: {
      en: "Ropes and sheave are damaged; the limiter stops the lift, perhaps with people inside.",
      zh: "损伤钢丝绳与曳引轮；限制器动作后停梯，可能困人。",
    },
    action: {
      en: "Keep the lift out of service; have traction, ropes and shaft checked before it runs again.",
      zh: "保持停用，检查曳引能力、钢丝绳和井道后方可恢复。",
    },
    ...ON_SITE,
  },
  "brake-weakening": {
    cause: { en: "Lining worn or oily, springs relaxed, brake badly set.", zh: "制动衬磨损或沾油、弹簧松弛、间隙调整不当。" },
    consequence: { en: "The next step is a car that moves with its door open.", zh: "进一步发展即为开门状态下的轿厢意外移动。" },
    action: {
      en: "Have the brake tested and set within the day; where it rolls at each stop, take the lift out of service.",
      zh: "当日安排制动器检测与调整；若每次停站均有溜车，应立即停用。",
    },
    ...ON_SITE,
  },
} as const satisfies Partial<Record<Hazard, RationaleRecord>>;
