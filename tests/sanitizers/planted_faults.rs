//! Faults on purpose, in Rust: what AddressSanitizer must find there, or its silence about the library says
//! nothing. Run without an argument it does nothing wrong.

use std::hint::black_box;

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("use-after-free") => use_after_free(),
        Some("leak") => leak(),
        Some("overrun") => overrun(),
        _ => {}
    }
}

/// Reads a byte that was freed.
fn use_after_free() {
    let byte = Box::into_raw(Box::new(black_box(7_u8)));
    // SAFETY: none; that is the fault.
    let read = unsafe {
        drop(Box::from_raw(byte));
        black_box(byte).read()
    };
    println!("{read}");
}

/// Forgets memory that nobody has any more.
fn leak() {
    std::mem::forget(black_box(vec![7_u8; 16]));
}

/// Reads one byte behind the end.
fn overrun() {
    let bytes = black_box(vec![7_u8; 16]);
    // SAFETY: none; that is the fault.
    println!("{}", unsafe { black_box(bytes.as_ptr()).add(bytes.len()).read() });
}
