// Runs a program for as long as this process's standard input stays open: the end of the input
// means that whoever started it has stopped or died, by whatever signal. The first line of standard
// output is the program's process id.
import { spawn } from 'node:child_process'

const graceMs = 1000
const [binary, ...args] = process.argv.slice(2)

const child = spawn(binary, args, { stdio: ['ignore', 'inherit', 'inherit'] })

child.once('error', (error) => {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 127
  process.stdin.destroy()
})
child.once('spawn', () => process.stdout.write(`watching ${child.pid}\n`))
child.once('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)))

const end = () => {
  child.kill('SIGTERM')
  setTimeout(() => child.kill('SIGKILL'), graceMs)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end)
process.stdout.on('error', end)
process.stdin.on('end', end)
process.stdin.on('error', end)
process.stdin.resume()
