import Foundation

exit(await Daemon.run(arguments: CommandLine.arguments, environment: ProcessInfo.processInfo.environment))
