internal import Foundation

/// The few things that commands need of a file system.
enum FileBytes {
    /// Whether there is a file.
    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// Whether there is a directory.
    static func isDirectory(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }

    /// The path from the root on, without `.`, `..` and links.
    static func absolute(_ path: String) -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path }

    /// The bytes of a file; `-` is standard input.
    ///
    /// - Throws: `InputError` where it can't be read or is larger than that.
    static func read(_ path: String, bytesMax: Int) throws -> [UInt8] {
        guard let handle = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path) else {
            throw InputError("\(path): the file can't be opened")
        }
        defer { if path != "-" { try? handle.close() } }
        do {
            let data = try handle.read(upToCount: bytesMax + 1) ?? Data()
            guard data.count <= bytesMax else { throw InputError("\(path): larger than \(bytesMax) bytes") }
            return Array(data)
        } catch let error as InputError {
            throw error
        } catch {
            throw InputError("\(path): the file can't be read")
        }
    }
}
