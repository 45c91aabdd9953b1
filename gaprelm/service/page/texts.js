// What the page says, in Chinese and English. {0}, {1} are filled in.

import { recall, remember } from "./stored.js";

export const TEXTS = {
  zh: {
    tagline: "中文文本纠错：错字、漏字、多字",
    language: "界面语言",
    api: "接口文档",
    input: "原文",
    placeholder: "在此输入或粘贴中文文本……",
    correct: "纠错",
    correctHint: "Ctrl+Enter 或 ⌘+Enter",
    example: "示例",
    clear: "清空",
    bringBack: "恢复原先的文本",
    open: "打开文件",
    openHint: "打开文本文件，也可将文件拖到页面上",
    opened: "文件：{0}",
    readAs: "以 {0} 编码读取，保存时为 UTF-8。",
    mixedLines: "换行符不一，保存时为 LF。",
    live: "输入时自动纠错",
    protectNames: "保护人名、地名和机构名",
    result: "结果",
    copy: "复制结果",
    copied: "已复制",
    notCopied: "浏览器不允许复制",
    save: "保存结果",
    acceptAll: "全部接受",
    rejectAll: "全部拒绝",
    undo: "撤销",
    undoHint: "撤销上一次接受或拒绝（Ctrl+Z 或 ⌘+Z）",
    welcome: "结果会这样显示，例如：",
    welcomeResult: "改后为：",
    welcomeHint: "“再”改为“在”。点按标记即可拒绝修改；先试试示例，或输入自己的文本。",
    marksHint: "点按标记可拒绝或恢复该处修改。数字为置信度（%）。",
    keysHint: "键盘：←、→ 移动，空格键切换，A 接受，R 拒绝。",
    thresholds: "阈值",
    thresholdsHint: "只采用置信度达到阈值的修改；您已接受或拒绝的不受影响。",
    calibrated: "恢复校准值",
    calibratedHint: "模型在开发集上校准的阈值",
    edits: "修改列表",
    privacy: "文本只发送到运行本程序的计算机，不记录、不保存。",
    showPlace: "在文中查看",
    deleted: "删去",
    deleteWord: "删",
    earlier: "上一页",
    later: "下一页",
    range: "第 {0}–{1} 处，共 {2} 处",
    replace: "错字",
    insert: "漏字",
    delete: "多字",
    threshold: "{0}的阈值",
    accept: "接受",
    reject: "拒绝",
    made: "已采用",
    accepted: "已接受",
    rejected: "已拒绝",
    confidence: "置信度 {0}%",
    "say.replace": "错字：“{0}”改为“{1}”",
    "say.insert": "漏字：加“{1}”",
    "say.delete": "多字：删“{0}”",
    count: "{0} / {1} 字",
    countOnly: "{0} 字",
    working: "正在纠错……",
    found: "采用 {0} 处修改（共 {1} 处建议）",
    below: "没有达到阈值的修改（{0} 处低于阈值）",
    clean: "没有发现需要修改之处",
    outdated: "原文已改动，结果尚未更新",
    tryAgain: "重试",
    again: "{0} 秒后自动重试。",
    "problem.network": "无法连接服务。服务是否仍在运行？",
    "problem.text_too_long": "文本太长：一次最多 {0} 字。",
    "problem.not_unicode": "文本中含有无效的 Unicode 字符。",
    "problem.busy": "服务繁忙。",
    "problem.ending": "服务正在关闭，文本未能纠正。",
    "problem.failed": "服务出错，文本未能纠正。",
    "problem.not_text": "无法打开：这不是文本文件。请将内容复制到此处。",
    "problem.not_readable": "无法打开：文件无法读取。",
    "problem.file_too_large": "无法打开：文件超过 10 MB。",
    problem: "请求未成功：{0}",
  },
  en: {
    tagline: "Correction of Chinese text: wrong, missing and redundant characters",
    language: "Language",
    api: "API",
    input: "Text",
    placeholder: "Type or paste Chinese text …",
    correct: "Correct",
    correctHint: "Ctrl+Enter or ⌘+Enter",
    example: "Example",
    clear: "Clear",
    bringBack: "Bring text back",
    open: "Open a file",
    openHint: "Open a text file; or drop one on the page",
    opened: "File: {0}",
    readAs: "Read as {0}; it will be saved as UTF-8.",
    mixedLines: "Its line ends differ; it will be saved with LF.",
    live: "Correct as I type",
    protectNames: "Protect names of people, places and organisations",
    result: "Result",
    copy: "Copy result",
    copied: "Copied",
    notCopied: "The browser does not allow copying",
    save: "Save result",
    acceptAll: "Accept all",
    rejectAll: "Reject all",
    undo: "Undo",
    undoHint: "Take back what was accepted or rejected last (Ctrl+Z or ⌘+Z)",
    welcome: "This is how a result looks:",
    welcomeResult: "The corrected text:",
    welcomeHint: "“再” becomes “在”. Press a mark to reject its edit. Try the example, or type a text of your own.",
    marksHint: "Press a mark to reject its edit or take it back. The number is the confidence in per cent.",
    keysHint: "Keys: ← → move, Space switches, A accepts, R rejects.",
    thresholds: "Thresholds",
    thresholdsHint: "Only edits whose confidence reaches the threshold are made; what you accepted or rejected stays.",
    calibrated: "Calibrated values",
    calibratedHint: "The thresholds that the model was calibrated to",
    edits: "Edits",
    privacy: "Text goes to the computer that runs this program and is neither logged nor stored there.",
    showPlace: "Show in the text",
    deleted: "deleted",
    deleteWord: "delete",
    earlier: "Earlier",
    later: "Later",
    range: "{0} to {1} of {2}",
    replace: "Wrong",
    insert: "Missing",
    delete: "Redundant",
    threshold: "Threshold of {0}",
    accept: "Accept",
    reject: "Reject",
    made: "made",
    accepted: "accepted",
    rejected: "rejected",
    confidence: "confidence {0}%",
    "say.replace": "Wrong: “{0}” becomes “{1}”",
    "say.insert": "Missing: “{1}” is added",
    "say.delete": "Redundant: “{0}” is deleted",
    count: "{0} / {1} characters",
    countOnly: "{0} characters",
    working: "Correcting …",
    found: "Edits made: {0} of {1} proposed",
    below: "No edit reaches the thresholds, {0} below",
    clean: "Nothing to correct was found",
    outdated: "The text has changed since",
    tryAgain: "Try again",
    again: "It is asked again in {0} s.",
    "problem.network": "The service cannot be reached. Is it still running?",
    "problem.text_too_long": "The text is too long: at most {0} characters at a time.",
    "problem.not_unicode": "The text holds an invalid Unicode character.",
    "problem.busy": "The service is busy.",
    "problem.ending": "The service is ending, and the text could not be corrected.",
    "problem.failed": "The service failed, and the text could not be corrected.",
    "problem.not_text": "This is not a text file. Copy the text of it to this place.",
    "problem.not_readable": "The file cannot be read.",
    "problem.file_too_large": "The file has more than 10 MB.",
    problem: "The request failed: {0}",
  },
};

let chosenLanguage = "en";

/** The language to start with: the one chosen last time, else the browser's. */
export function preferredLanguage() {
  const stored = recall("language");
  if (stored in TEXTS) return stored;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** The language chosen now. */
export function language() {
  return chosenLanguage;
}

/** Show the page in a language: everything that carries data-text, data-label, data-title or data-placeholder. */
export function setLanguage(chosen) {
  chosenLanguage = chosen;
  remember("language", chosen);
  document.documentElement.lang = chosen === "zh" ? "zh-CN" : "en";
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = say(node.dataset.text);
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", say(node.dataset.label));
  for (const node of document.querySelectorAll("[data-title]")) node.title = say(node.dataset.title);
  for (const node of document.querySelectorAll("[data-placeholder]")) node.placeholder = say(node.dataset.placeholder);
  for (const node of document.querySelectorAll("[data-language]")) {
    node.setAttribute("aria-pressed", String(node.dataset.language === chosen));
  }
}

/** A text of the chosen language, with its places filled in. */
export function say(key, ...values) {
  return TEXTS[chosenLanguage][key].replace(/\{(\d)\}/g, (_, place) => shown(values[Number(place)]));
}

/** Whether there is such a text. */
export function known(key) {
  return key in TEXTS[chosenLanguage];
}

function shown(value) {
  return typeof value === "number" ? value.toLocaleString(chosenLanguage) : value;
}
