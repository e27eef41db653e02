internal import CRDKafka
internal import Glibc

/// Asks and changes what a cluster has: topics and their settings.
///
/// Blocking calls, each bounded by its timeout; from any thread.
package final class KafkaAdmin: Sendable {
    /// A topic to be made.
    package struct NewTopic: Hashable, Sendable {
        /// The topic's name.
        package var name: String
        /// How many partitions.
        package var partitions: Int
        /// How many replicas of each; -1 takes the cluster's default.
        package var replication: Int
        /// Topic settings by Kafka's own names, such as `cleanup.policy`.
        package var config: [String: String]

        /// A topic to be made.
        package init(name: String, partitions: Int, replication: Int, config: [String: String] = [:]) {
            self.name = name
            self.partitions = partitions
            self.replication = replication
            self.config = config
        }
    }

    private let handle: ClientHandle

    /// An administration client; it connects with its first call.
    package init(configuration: KafkaConfiguration) throws(KafkaError) {
        // Nobody polls this client, so it is to have no log lines and events that would pile up; its calls answer.
        handle = ClientHandle(
            owning: try configuration.makeClient(
                RD_KAFKA_PRODUCER,
                forced: ["allow.auto.create.topics": "false", "log_level": "0", "statistics.interval.ms": "0"],
                events: 0))
    }

    /// Makes topics; the answer names each with its error, such as `.topicAlreadyExists`, or nil.
    ///
    /// - Throws: when the request as a whole has no answer.
    package func createTopics(
        _ topics: [NewTopic], timeoutMilliseconds: Int
    ) throws(KafkaError) -> [(name: String, error: KafkaError?)] {
        let client = try handle.enter()
        defer { handle.leave() }
        var requests: [OpaquePointer?] = []
        defer { for request in requests { rd_kafka_NewTopic_destroy(request) } }
        var text = [CChar](repeating: 0, count: 512)
        for topic in topics {
            guard
                let request = rd_kafka_NewTopic_new(
                    topic.name, Int32(clamping: topic.partitions), Int32(clamping: topic.replication), &text, text.count
                )
            else { throw KafkaError(code: .invalidArgument, message: "topic \(topic.name): \(text.string)") }
            requests.append(request)
            for (key, value) in topic.config {
                try KafkaError.check(rd_kafka_NewTopic_set_config(request, key, value))
            }
        }
        return try withAnswer(client, RD_KAFKA_ADMIN_OP_CREATETOPICS, timeoutMilliseconds) { options, queue in
            rd_kafka_CreateTopics(client, &requests, requests.count, options, queue)
        } read: { event in
            var count = 0
            return topicResults(rd_kafka_CreateTopics_result_topics(event, &count), count)
        }
    }

    /// Deletes topics; the answer names each with its error or nil.
    package func deleteTopics(
        _ names: [String], timeoutMilliseconds: Int
    ) throws(KafkaError) -> [(name: String, error: KafkaError?)] {
        let client = try handle.enter()
        defer { handle.leave() }
        var requests = names.map { rd_kafka_DeleteTopic_new($0) }
        defer { for request in requests { rd_kafka_DeleteTopic_destroy(request) } }
        return try withAnswer(client, RD_KAFKA_ADMIN_OP_DELETETOPICS, timeoutMilliseconds) { options, queue in
            rd_kafka_DeleteTopics(client, &requests, requests.count, options, queue)
        } read: { event in
            var count = 0
            return topicResults(rd_kafka_DeleteTopics_result_topics(event, &count), count)
        }
    }

    /// A topic's settings by name, defaults included, such as `cleanup.policy` and `retention.ms`.
    package func topicConfiguration(_ name: String, timeoutMilliseconds: Int) throws(KafkaError) -> [String: String] {
        let client = try handle.enter()
        defer { handle.leave() }
        var resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name)
        defer { rd_kafka_ConfigResource_destroy(resource) }
        let outcome: Result<[String: String], KafkaError> = try withAnswer(
            client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeoutMilliseconds
        ) { options, queue in
            rd_kafka_DescribeConfigs(client, &resource, 1, options, queue)
        } read: { event in
            var count = 0
            guard let found = rd_kafka_DescribeConfigs_result_resources(event, &count), count == 1 else {
                return .failure(KafkaError(code: .failure, message: "no answer about topic \(name)"))
            }
            let code = rd_kafka_ConfigResource_error(found[0])
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
                let text = rd_kafka_ConfigResource_error_string(found[0]).map { String(cString: $0) }
                return .failure(KafkaError(code, message: text))
            }
            var entryCount = 0
            let entries = rd_kafka_ConfigResource_configs(found[0], &entryCount)
            var settings: [String: String] = [:]
            for entry in UnsafeBufferPointer(start: entries, count: entryCount) {
                guard let key = rd_kafka_ConfigEntry_name(entry), let value = rd_kafka_ConfigEntry_value(entry) else {
                    continue
                }
                settings[String(cString: key)] = String(cString: value)
            }
            return .success(settings)
        }
        return try outcome.get()
    }

    /// Partition counts of every topic that may be seen.
    package func metadata(timeoutMilliseconds: Int) throws(KafkaError) -> [String: Int] {
        let client = try handle.enter()
        defer { handle.leave() }
        return try queryPartitionCounts(client, topic: nil, timeoutMilliseconds: timeoutMilliseconds)
            .compactMapValues { try? $0.get() }
    }

    /// How many partitions a topic has.
    ///
    /// - Throws: `.unknownTopicOrPartition` or `.topicAuthorizationFailed` as the cluster says.
    package func partitionCount(topic: String, timeoutMilliseconds: Int) throws(KafkaError) -> Int {
        let client = try handle.enter()
        defer { handle.leave() }
        let counts = try queryPartitionCounts(
            client, topic: try handle.topic(topic), timeoutMilliseconds: timeoutMilliseconds)
        return try counts[topic]?.get() ?? 0
    }

    /// The first offset kept and the next one to be written, as the partition's leader knows them.
    package func watermarks(
        of partition: TopicPartition, timeoutMilliseconds: Int
    ) throws(KafkaError) -> (low: Int64, high: Int64) {
        let client = try handle.enter()
        defer { handle.leave() }
        return try queryWatermarks(client, of: partition, timeoutMilliseconds: timeoutMilliseconds)
    }

    /// The cluster's ids of topics, which change when a topic is deleted and made again; what isn't there has none.
    ///
    /// Asked by a client of its own that lives no longer than the question. librdkafka from 2.4 on corrupts its metadata
    /// cache when it is told another id of a topic that it knows, and the process dies of it (librdkafka #4964); and on
    /// a consumer's connection the question would wait behind a fetch.
    /// - Returns: nil where librdkafka (before 2.3) can't tell.
    /// - Source: docs/adr/0024-topic-ids-are-asked-afresh.md.
    package static func topicIDs(
        of topics: Set<String>, _ configuration: KafkaConfiguration, timeoutMilliseconds: Int
    ) throws(KafkaError) -> [String: String]? {
        guard KafkaLibrary.versionNumber >= 0x0203_00ff else { return nil }
        let admin = try KafkaAdmin(configuration: configuration)
        defer { admin.close() }
        let client = try admin.handle.enter()
        defer { admin.handle.leave() }
        let names = topics.sorted()
        var pointers = names.map { UnsafePointer<CChar>(strdup($0)) }
        defer { for pointer in pointers { free(UnsafeMutablePointer(mutating: pointer)) } }
        // A Base64 id has 22 characters.
        let stride = 32
        var texts = [CChar](repeating: 0, count: names.count * stride)
        var code = RD_KAFKA_RESP_ERR_NO_ERROR
        let outcome = paraplu_topic_ids(
            client, &pointers, names.count, Int32(clamping: timeoutMilliseconds), &texts, stride, &code)
        guard outcome >= 0 else { throw KafkaError(code) }
        guard outcome > 0 else { return nil }
        var ids: [String: String] = [:]
        for (index, name) in names.enumerated() {
            let id = Array(texts[index * stride..<(index + 1) * stride]).string
            if !id.isEmpty { ids[name] = id }
        }
        return ids
    }

    /// Frees the client; false when that did not end in time.
    @discardableResult
    package func close(timeoutMilliseconds: Int = 5000) -> Bool {
        handle.close(before: Deadline(millisecondsFromNow: timeoutMilliseconds)) { _ in true }
    }

    /// Sends one admin request and reads its answer, which is lent to `read` and then destroyed.
    private func withAnswer<Answer>(
        _ client: OpaquePointer, _ operation: rd_kafka_admin_op_t, _ timeoutMilliseconds: Int,
        send: (_ options: OpaquePointer?, _ queue: OpaquePointer?) -> Void, read: (OpaquePointer) -> Answer
    ) throws(KafkaError) -> Answer {
        let timeout = Int32(clamping: timeoutMilliseconds)
        let options = rd_kafka_AdminOptions_new(client, operation)
        defer { rd_kafka_AdminOptions_destroy(options) }
        var text = [CChar](repeating: 0, count: 512)
        try KafkaError.check(rd_kafka_AdminOptions_set_request_timeout(options, timeout, &text, text.count))
        if operation != RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS {
            // How long the controller may take before it answers, not only how long we wait.
            try KafkaError.check(rd_kafka_AdminOptions_set_operation_timeout(options, timeout, &text, text.count))
        }
        let queue = rd_kafka_queue_new(client)
        defer { rd_kafka_queue_destroy(queue) }
        send(options, queue)
        // The request times out by itself; the margin is for its answer to reach the queue.
        guard let event = rd_kafka_queue_poll(queue, timeout &+ 500) else {
            throw KafkaError(code: .timedOut, message: "no answer")
        }
        defer { rd_kafka_event_destroy(event) }
        let code = rd_kafka_event_error(event)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw KafkaError(code, message: rd_kafka_event_error_string(event).map { String(cString: $0) })
        }
        return read(event)
    }

    private func topicResults(
        _ results: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int
    ) -> [(name: String, error: KafkaError?)] {
        UnsafeBufferPointer(start: results, count: results == nil ? 0 : count).map { result in
            let code = rd_kafka_topic_result_error(result)
            let text = rd_kafka_topic_result_error_string(result).map { String(cString: $0) }
            return (
                name: rd_kafka_topic_result_name(result).map { String(cString: $0) } ?? "",
                error: code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(code, message: text)
            )
        }
    }
}
