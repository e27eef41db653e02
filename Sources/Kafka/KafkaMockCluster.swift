internal import CRDKafka
internal import Synchronization

/// librdkafka's mock cluster: brokers inside this process, into which errors can be injected.
///
/// It has no TLS, SASL, ACLs, CreateTopics, compaction or isolation of transactions, and drops what passes 5 MiB a
/// partition: what those protect is tested on a real broker.
/// - Source: rdkafka_mock.h.
package final class KafkaMockCluster: Sendable {
    /// Kafka's numbers of the requests into which tests inject errors.
    package enum Request: Int16, Sendable {
        case produce = 0
        case fetch = 1
        case listOffsets = 2
        case metadata = 3
        case offsetCommit = 8
        case findCoordinator = 10
        case joinGroup = 11
        case heartbeat = 12
        case initProducerID = 22
        case addPartitionsToTransaction = 24
        case endTransaction = 26
    }

    private struct Pointers: @unchecked Sendable {
        // @unchecked: the mock cluster's calls are thread-safe (they are handed to its own thread).
        let cluster: OpaquePointer
        let client: OpaquePointer
    }

    private let pointers: Pointers
    private let isClosed = Mutex(false)

    /// `HOST:PORT` of each broker, separated by commas.
    package let bootstraps: String

    /// Starts a cluster of so many brokers, numbered from 1, on free ports of 127.0.0.1.
    package init(brokers: Int = 1) throws(KafkaError) {
        // The client is only there to own the cluster; nobody polls it.
        let client = try KafkaConfiguration(properties: [:]).makeClient(
            RD_KAFKA_PRODUCER, forced: ["log_level": "0"], events: 0)
        guard let cluster = rd_kafka_mock_cluster_new(client, Int32(clamping: brokers)),
            let bootstraps = rd_kafka_mock_cluster_bootstraps(cluster)
        else {
            rd_kafka_destroy(client)
            throw KafkaError(code: .failure, message: "the mock cluster did not start")
        }
        self.bootstraps = String(cString: bootstraps)
        pointers = Pointers(cluster: cluster, client: client)
    }

    deinit { assert(isClosed.withLock { $0 }, "a mock cluster was let go without close()") }

    /// Makes a topic, led by the brokers in turn.
    package func createTopic(_ name: String, partitions: Int, replication: Int = 1) throws(KafkaError) {
        try KafkaError.check(
            rd_kafka_mock_topic_create(
                pointers.cluster, name, Int32(clamping: partitions), Int32(clamping: replication)))
    }

    /// Answers the next requests of the kind with these errors, one each, whichever broker gets them.
    package func pushErrors(_ errors: [KafkaErrorCode], for request: Request) {
        let codes = errors.map { rd_kafka_resp_err_t($0.rawValue) }
        rd_kafka_mock_push_request_errors_array(pointers.cluster, request.rawValue, codes.count, codes)
    }

    /// Stops the cluster.
    ///
    /// Its clients are to be closed first.
    package func close() {
        let isFirst = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return !isClosed
        }
        guard isFirst else { return }
        rd_kafka_mock_cluster_destroy(pointers.cluster)
        rd_kafka_destroy(pointers.client)
    }
}
