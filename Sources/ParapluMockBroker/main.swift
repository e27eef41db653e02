// A Kafka broker of librdkafka's own for demos on a machine without Kafka: prints `bootstrap=HOST:PORT` on one line and
// runs until SIGTERM or SIGINT. It keeps at most 5 MiB a partition, in memory, and makes topics by metadata request.

internal import Glibc
internal import Kafka

// Blocked before the cluster's threads start, which inherit it, so that only sigwait gets them.
var signals = sigset_t()
sigemptyset(&signals)
sigaddset(&signals, SIGTERM)
sigaddset(&signals, SIGINT)
pthread_sigmask(SIG_BLOCK, &signals, nil)

do {
    let cluster = try KafkaMockCluster(brokers: 1)
    print("bootstrap=\(cluster.bootstraps)")
    fflush(nil)
    var signal: Int32 = 0
    sigwait(&signals, &signal)
    cluster.close()
} catch {
    let line = "ParapluMockBroker: \(error)\n"
    _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    exit(1)
}
