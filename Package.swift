// swift-tools-version:6.0
import PackageDescription

/// Settings of every target: language mode 6, and every import, existential and member spelled out.
let strict: [SwiftSetting] = {
    let settings: [SwiftSetting] = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ]
    #if compiler(>=6.1)
        return settings + [.enableUpcomingFeature("MemberImportVisibility")]
    #else
        return settings
    #endif
}()

/// A C library of Debian's as a system-library target: module map and `shim.h`, nothing else.
///
/// Some have no pkg-config file; their module map alone names what is linked.
func system(_ name: String, pkgConfig: String?, apt: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// A library target with the strict settings.
func library(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

/// A test target with the strict settings.
func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let package = Package(
    name: "paraplu",
    products: [
        .executable(name: "paraplud", targets: ["ParapluDaemon"]),
        .executable(name: "paraplu", targets: ["ParapluCommand"]),
    ],
    targets: [
        // C and C++ libraries of Debian's
        system("CRDKafka", pkgConfig: "rdkafka", apt: "librdkafka-dev"),
        system("CLibPQ", pkgConfig: "libpq", apt: "libpq-dev"),
        system("CLibYAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),
        system("CLibCSV", pkgConfig: nil, apt: "libcsv-dev"),
        system("CLibXML2", pkgConfig: "libxml-2.0", apt: "libxml2-dev"),
        system("CMicroHTTPD", pkgConfig: "libmicrohttpd", apt: "libmicrohttpd-dev"),
        system("CLibSystemd", pkgConfig: "libsystemd", apt: "libsystemd-dev"),
        system("CLibCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
        system("CSimdJSONLibrary", pkgConfig: "simdjson", apt: "libsimdjson-dev"),
        .systemLibrary(name: "CUniString", providers: [.apt(["libunistring-dev"])]),
        .systemLibrary(name: "CGetOpt"),
        .target(
            name: "CSimdJSON", dependencies: ["CSimdJSONLibrary"],
            cxxSettings: [.unsafeFlags(["-O2"], .when(configuration: .debug))]),

        // Each library behind one module of ours; these know nothing of Paraplu
        library("Kafka", ["CRDKafka"]),
        library("Postgres", ["CLibPQ"]),
        library("JSON", ["CSimdJSON"]),
        library("YAML", ["CLibYAML"]),
        library("CSV", ["CLibCSV"]),
        library("XML", ["CLibXML2", "Charsets"]),
        library("Charsets", []),
        library("HTTP", ["CMicroHTTPD"]),
        library("Systemd", ["CLibSystemd"]),
        library("Digest", ["CLibCrypto"]),
        library("UnicodeText", ["CUniString"]),

        // Paraplu
        library("ParapluModel", ["JSON", "Digest"]),
        library("ParapluRules", ["ParapluModel"]),
        library(
            "ParapluConnectors",
            ["ParapluModel", "JSON", "CSV", "XML", "Charsets", "YAML", "Digest", "UnicodeText"]),
        library(
            "ParapluStore", ["ParapluModel", "ParapluRules", "Postgres", "JSON", "Digest"],
            resources: [.embedInCode("Migrations")]),
        library("ParapluTelemetry", ["Systemd", "HTTP"]),
        library("ParapluConfiguration", ["YAML", "ParapluModel", "Kafka", "Postgres"]),
        library(
            "ParapluPipeline",
            [
                "ParapluModel", "ParapluRules", "ParapluConnectors", "ParapluStore", "ParapluTelemetry", "Kafka",
                "Postgres", "Digest",
            ]),
        .executableTarget(
            name: "ParapluDaemon",
            dependencies: [
                "ParapluConfiguration", "ParapluConnectors", "ParapluModel", "ParapluPipeline", "ParapluStore",
                "ParapluTelemetry", "Kafka", "Postgres", "HTTP", "Systemd",
            ], swiftSettings: strict),
        .executableTarget(
            name: "ParapluCommand",
            dependencies: [
                "ParapluConfiguration", "ParapluConnectors", "ParapluModel", "ParapluPipeline", "ParapluRules",
                "ParapluStore", "Kafka", "Postgres", "JSON", "Digest", "CGetOpt", "YAML",
            ], swiftSettings: strict),

        // What `make bench` runs beside the daemon: the workload, the measurement and its checks
        .executableTarget(
            name: "ParapluBench",
            dependencies: [
                "ParapluConnectors", "ParapluModel", "ParapluPipeline", "ParapluRules", "ParapluStore", "Kafka",
                "Postgres", "JSON", "Digest",
            ], swiftSettings: strict),
        // What `make fuzz` and the fuzz tests run: hostile messages, made from the feeds' examples
        library("ParapluFuzzing", ["ParapluConnectors", "ParapluModel"]),
        .executableTarget(name: "ParapluFuzz", dependencies: ["ParapluFuzzing"], swiftSettings: strict),
        .executableTarget(name: "ParapluMockBroker", dependencies: ["Kafka"], swiftSettings: strict),

        // Tests
        library("ParapluTesting", ["JSON", "Kafka", "Postgres", "CRDKafka"]),
        tests("KafkaTests", ["Kafka", "ParapluTesting"]),
        tests("PostgresTests", ["Postgres", "ParapluTesting"]),
        tests("FormatTests", ["JSON", "CSV", "XML", "Charsets", "YAML", "Digest", "UnicodeText"]),
        tests("ServiceTests", ["HTTP", "Systemd"]),
        tests("ParapluModelTests", ["ParapluModel"]),
        tests("ParapluRulesTests", ["Digest", "ParapluRules", "ParapluModel"]),
        tests(
            "ParapluConnectorsTests", ["ParapluConnectors", "ParapluFuzzing", "ParapluModel", "ParapluTesting", "JSON"]),
        tests(
            "ParapluCommandTests",
            [
                "ParapluCommand", "ParapluConnectors", "ParapluModel", "ParapluRules", "ParapluStore",
                "ParapluTesting", "JSON", "YAML",
            ]),
        tests("ParapluConfigurationTests", ["ParapluConfiguration"]),
        tests(
            "ParapluStoreTests",
            ["ParapluStore", "ParapluModel", "ParapluRules", "Postgres", "ParapluTesting", "Digest", "JSON"]),
        tests(
            "ParapluPipelineTests",
            [
                "ParapluPipeline", "ParapluConnectors", "ParapluModel", "ParapluRules", "ParapluStore",
                "ParapluTesting", "Kafka", "Postgres", "Digest",
            ]),
        tests(
            "EndToEndTests", ["ParapluTesting", "Kafka", "Postgres", "JSON", "Digest"], exclude: ["differences.md"]),
    ],
    cxxLanguageStandard: .cxx17
)
