internal import ParapluPipeline

/// Which version of Paraplu this is: the same as the daemon's.
enum Version {
    static var text: String { PipelineVersion.text }
}
