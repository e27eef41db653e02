import ParapluConfiguration
import ParapluModel
import ParapluPipeline
import ParapluStore

extension Pipeline.Configuration {
    /// The services' settings, out of the daemon's.
    init(_ configuration: ServiceConfiguration) {
        let window = configuration.rejectionWindow
        self.init(
            instance: configuration.instance, topicPrefix: configuration.topicPrefix,
            source: "urn:nld:oin:\(configuration.sourceOIN):systeem:paraplu",
            database: configuration.database.postgres(applicationName: "paraplud/\(configuration.instance)"),
            consumer: configuration.kafka.consumerProperties(), producer: configuration.kafka.producerProperties(),
            limits: IntakeReader.Limits(
                messagesMax: configuration.batch.messagesMax, bytesMax: configuration.batch.bytesMax,
                delayMilliseconds: Int(configuration.batch.delay / .milliseconds(1))),
            window: window.isEnabled ? RejectionWindow.Limit(size: window.size, rejected: window.rejectedMax) : nil,
            parkedDaysMax: configuration.parkingDaysMax, relayRowsMax: configuration.relayRowsMax,
            cutInterval: configuration.cutsInterval, hashKey: configuration.privacyHashKey.exposedBytes,
            countMin: configuration.countMin)
    }
}
