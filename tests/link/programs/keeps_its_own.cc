// A program with mathematics of its own, and with another library that is written in Rust.

#include <cmath>

#include "psmdb_telemetry/telemetry.h"

extern "C" unsigned other_sum(unsigned count);

int main(int count, char**) {
    const psmdb::telemetry::Telemetry telemetry(nullptr);
    volatile double number = count * 1.5;
    const double sum = std::floor(number) + std::fma(number, number, number) + std::cbrt(number) +
                       std::fmod(number, 1.25) + std::fdim(number, 1) + std::rint(number);
    return sum > 0 && other_sum(10) == 45 && !telemetry.status().empty() ? 0 : 1;
}
