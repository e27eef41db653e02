internal import Glibc

let services = Services(environment: Environment.process)
let code = CommandLineTool.run(Array(CommandLine.arguments.dropFirst()), services)
await services.close()
exit(code.rawValue)
