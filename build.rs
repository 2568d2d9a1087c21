//! Compiles the C++ side of the boundary into the archive.

fn main() {
    cxx_build::bridge("src/ffi.rs")
        .file("cpp/telemetry.cc")
        .include("include")
        .std("c++17")
        .flag("-Wall")
        .flag("-Wextra")
        .compile("psmdb_telemetry_facade");
    for file in ["src/ffi.rs", "cpp/telemetry.cc", "cpp/host_bridge.h", "include"] {
        println!("cargo:rerun-if-changed={file}");
    }
}
