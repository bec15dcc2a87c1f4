// The public surface, one report per sub-path of package.json, kept under docs/api.
//
//   node scripts/api.mjs            fails when a report no longer says what the built package exports
//   node scripts/api.mjs --update   writes the reports
//
// A sub-path that is added to package.json has a report the next time; there is nothing to configure.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';

const root = path.join(import.meta.dirname, '..');
const reports = path.join(root, 'docs', 'api');
const update = process.argv.includes('--update');
const { exports, name: packageName } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

const quiet = { logLevel: 'none' };

function reportOf(subPath, types) {
  const reportFileName = subPath === '.' ? packageName : subPath.slice('./'.length).replaceAll('/', '-');
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: path.join(root, 'package.json'),
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: path.join(root, types),
      compiler: {
        // The declarations only; lib itself is checked by the compiler proper.
        overrideTsconfig: {
          compilerOptions: {
            target: 'es2022',
            lib: ['es2023', 'esnext.disposable'],
            module: 'nodenext',
            types: ['node'],
            strict: true,
            skipLibCheck: true,
          },
          files: [path.join(root, types)],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${reportFileName}.api.md`,
        reportFolder: reports,
        reportTempFolder: path.join(tmpdir(), `${packageName}-api-${process.pid}`),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        extractorMessageReporting: {
          default: { logLevel: 'warning', addToApiReportFile: true },
          // Everything exported is public; the version number says how stable it is.
          'ae-missing-release-tag': quiet,
          // Editors show our docstrings as TypeScript does; {@link} to an overload or a member is fine there.
          'ae-unresolved-link': quiet,
          // The report says so at the thing itself; here it would add line numbers, which move.
          'ae-undocumented': quiet,
        },
        // `@throws {Error} when` is how TypeScript's own tools read it; TSDoc would escape the braces.
        tsdocMessageReporting: { default: quiet },
      },
    },
  });
  const { apiReportChanged, errorCount, succeeded } = Extractor.invoke(config, {
    localBuild: update,
    messageCallback(message) {
      // Whether a report differs is told below, in our words.
      if (message.messageId === 'console-preamble' || message.messageId.startsWith('console-'))
        message.handled = true;
    },
  });
  rmSync(config.reportTempFolder, { recursive: true, force: true });
  return {
    file: path.basename(config.reportFilePath),
    changed: apiReportChanged,
    failed: errorCount > 0 || (update && !succeeded),
  };
}

mkdirSync(reports, { recursive: true });
const kept = new Set();
let wrong = false;
for (const [subPath, target] of Object.entries(exports)) {
  if (typeof target === 'string') continue;
  if (!existsSync(path.join(root, target.types))) {
    console.error(`${subPath}: there is no ${target.types}; build first`);
    process.exit(1);
  }
  const { file, changed, failed } = reportOf(subPath, target.types);
  kept.add(file);
  if (failed || (changed && !update)) wrong = true;
  const verdict = failed ? 'has errors' : !changed ? 'as before' : update ? 'written' : 'has changed';
  console.log(`${subPath.padEnd(14)} docs/api/${file} ${verdict}`);
}
for (const file of readdirSync(reports)) {
  if (!file.endsWith('.api.md') || kept.has(file)) continue;
  if (update) rmSync(path.join(reports, file));
  else wrong = true;
  console.log(`docs/api/${file} belongs to no sub-path${update ? '; removed' : ''}`);
}
if (wrong) {
  console.error(
    'The public surface is not what docs/api says. Meant so? npm run api -- --update, and commit the difference.',
  );
  process.exitCode = 1;
}
