internal import CRDKafka
import Kafka

/// Deletes records, which no program of ours does.
enum RecordDeletion {
    /// What the broker or the client answered.
    struct Failure: Error { var code: Int32 }

    /// Deletes a partition's records before an offset; blocks.
    static func delete(_ topic: String, _ partition: Int32, before offset: Int64, _ bootstrap: String) throws {
        let configuration = rd_kafka_conf_new()
        rd_kafka_conf_set(configuration, "bootstrap.servers", bootstrap, nil, 0)
        guard let client = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, nil, 0) else { throw Failure(code: -1) }
        defer { rd_kafka_destroy(client) }
        let queue = rd_kafka_queue_new(client)
        defer { rd_kafka_queue_destroy(queue) }
        let list = rd_kafka_topic_partition_list_new(1)
        rd_kafka_topic_partition_list_add(list, topic, partition).pointee.offset = offset
        var request = rd_kafka_DeleteRecords_new(list)
        rd_kafka_topic_partition_list_destroy(list)
        rd_kafka_DeleteRecords(client, &request, 1, nil, queue)
        rd_kafka_DeleteRecords_destroy(request)
        guard let event = rd_kafka_queue_poll(queue, 30_000) else { throw Failure(code: -1) }
        defer { rd_kafka_event_destroy(event) }
        let code = rd_kafka_event_error(event)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw Failure(code: code.rawValue) }
    }
}
