//! Another static library in Rust, with threads and a panic of its own.

#[unsafe(no_mangle)]
extern "C" fn other_sum(count: u32) -> u32 {
    let numbers: Vec<u32> = (0..count).collect();
    std::panic::set_hook(Box::new(|_| ()));
    let panicked = std::panic::catch_unwind(|| numbers[count as usize]).is_err();
    let sum = std::thread::spawn(move || numbers.iter().sum()).join();
    sum.ok().filter(|_| panicked).unwrap_or(0)
}
