import ParapluFuzzing

/// What the fuzzer is told: `--name value`.
struct FuzzOptions {
    var format = FuzzFormat.json
    var seed = UInt64.random(in: 1...999_999_999)
    var seconds = 600.0
    /// The number of the one input to decode; nil for a run.
    var input: UInt64?
    var connectors = "connectors"
    /// Where the number of the input at hand is kept.
    var state: String?
    /// The most by which resident memory may grow once the run is warm, in MiB.
    var memoryMebibytesMax = 256

    /// Why the command line can't be used.
    struct Misuse: Error { let text: String }

    init(_ arguments: [String]) throws(Misuse) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let text = rest.popFirst() else { throw Misuse(text: "\(name) needs a value") }
            func value<Value>(_ make: (String) -> Value?) throws(Misuse) -> Value {
                guard let value = make(text) else { throw Misuse(text: "\(name) does not take “\(text)”") }
                return value
            }
            switch name {
            case "--format": format = try value { FuzzFormat(rawValue: $0) }
            case "--seed": seed = try value { UInt64($0) }
            case "--seconds": seconds = try value { Double($0) }
            case "--input": input = try value { UInt64($0) }
            case "--state": state = text
            case "--connectors": connectors = text
            case "--memory": memoryMebibytesMax = try value { Int($0) }
            default: throw Misuse(text: "unknown option \(name)")
            }
        }
    }

    /// The command that decodes one input of this run again.
    func again(_ input: UInt64) -> String {
        "ops/local/fuzz --format \(format.rawValue) --seed \(seed) --input \(input)"
    }
}
