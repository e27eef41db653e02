/// The version of this program.
package enum PipelineVersion {
    /// The semantic version, as `--version`, the log and `paraplu_build_info` show it.
    package static let text = "0.1.0"
    /// What it was built from, where the build says so.
    package static let revision = "unknown"
}
