import { simulate } from './run.ts';
const args = process.argv.slice(2).filter((a) => !a.startsWith('-'));
const seed = Number(args[0] ?? 1);
const t=Date.now();
const report = await simulate({ seed, ...(args[1] ? { steps: Number(args[1]) } : {}) });
if (process.argv.includes('-v')) console.log(report.trace.join('\n'));
console.log(report.violations.join('\n'));
console.log({ ...report, faults: JSON.stringify(report.faults), trace: report.trace.length, violations: report.violations.length, ms: Date.now()-t });
console.log(process.cpuUsage());
