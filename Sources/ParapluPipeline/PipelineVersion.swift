/// The version of this program.
package enum PipelineVersion {
    package static let text = "0.1.0"
}
