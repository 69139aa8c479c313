export { enableDebugChecks } from '@aiokit/loop-core/debug-checks';
