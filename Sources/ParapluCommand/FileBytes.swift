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

    /// Writes a file, in the place of one that is there.
    ///
    /// - Throws: `InputError` where it can't be written.
    static func write(_ bytes: [UInt8], to path: String) throws {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path))
        } catch {
            throw InputError("\(path): the file can't be written")
        }
    }

    /// Removes a file.
    ///
    /// - Throws: `InputError` where it can't be removed.
    static func remove(_ path: String) throws {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw InputError("\(path): the file can't be removed")
        }
    }

    /// Makes a directory with those above it.
    ///
    /// - Throws: `InputError` where it can't be made.
    static func makeDirectory(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw InputError("\(path): the directory can't be made")
        }
    }
}
