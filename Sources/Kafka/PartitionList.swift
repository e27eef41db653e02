internal import CRDKafka

/// Lends a C list of partitions with offsets to `body` and destroys it.
func withPartitionList<Result>(
    _ positions: [(TopicPartition, offset: Int64)],
    _ body: (UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) throws(KafkaError) -> Result
) throws(KafkaError) -> Result {
    guard let list = rd_kafka_topic_partition_list_new(Int32(clamping: positions.count)) else {
        throw KafkaError(code: .failure, message: "no memory for a partition list")
    }
    defer { rd_kafka_topic_partition_list_destroy(list) }
    for (partition, offset) in positions {
        if let element = rd_kafka_topic_partition_list_add(list, partition.topic, partition.partition) {
            element.pointee.offset = offset
        }
    }
    return try body(list)
}

/// The partitions of a C list, with their offsets and errors.
func partitions(
    of list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
) -> [(partition: TopicPartition, offset: Int64, error: rd_kafka_resp_err_t)] {
    guard let list, let elements = list.pointee.elems else { return [] }
    return UnsafeBufferPointer(start: elements, count: Int(list.pointee.cnt)).map { element in
        let topic = element.topic.map { String(cString: $0) } ?? ""
        return (TopicPartition(topic: topic, partition: element.partition), element.offset, element.err)
    }
}

/// The low and high watermark of a partition, asked from its leader.
func queryWatermarks(
    _ client: OpaquePointer, of partition: TopicPartition, timeoutMilliseconds: Int
) throws(KafkaError) -> (low: Int64, high: Int64) {
    var low: Int64 = 0
    var high: Int64 = 0
    try KafkaError.check(
        rd_kafka_query_watermark_offsets(
            client, partition.topic, partition.partition, &low, &high, Int32(clamping: timeoutMilliseconds)))
    return (low, high)
}

/// Partition counts by topic, of one topic or of all.
func queryPartitionCounts(
    _ client: OpaquePointer, topic: OpaquePointer?, timeoutMilliseconds: Int
) throws(KafkaError) -> [String: Result<Int, KafkaError>] {
    var answer: UnsafePointer<rd_kafka_metadata>?
    try KafkaError.check(
        rd_kafka_metadata(client, topic == nil ? 1 : 0, topic, &answer, Int32(clamping: timeoutMilliseconds)))
    guard let answer else { return [:] }
    defer { rd_kafka_metadata_destroy(answer) }
    var counts: [String: Result<Int, KafkaError>] = [:]
    for index in 0..<Int(answer.pointee.topic_cnt) {
        let topic = answer.pointee.topics[index]
        guard let name = topic.topic.map({ String(cString: $0) }) else { continue }
        counts[name] =
            topic.err == RD_KAFKA_RESP_ERR_NO_ERROR
            ? .success(Int(topic.partition_cnt)) : .failure(KafkaError(topic.err))
    }
    return counts
}
