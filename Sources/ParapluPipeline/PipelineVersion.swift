/// The version of this program.
package enum PipelineVersion {
    package static let text = "0.1.0"
    /// What it was built from, where the build says so.
    package static let revision = "unknown"
}
