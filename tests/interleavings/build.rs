//! Chooses the model checker's locks and threads in `src/sync.rs`.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(interleavings)");
    println!("cargo::rustc-cfg=interleavings");
}
