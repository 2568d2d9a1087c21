// Faults on purpose: what a tool must find, or its silence about the other programs says nothing.
// Run without an argument it does nothing wrong.

#include <array>
#include <atomic>
#include <climits>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <variant>

#include "psmdb_telemetry/telemetry.h"
#include "support.h"

namespace consumer {
namespace {

// Keeps what it is told not to keep: the text is Rust's memory, and gone after log().
class ForgetfulHost : public Host {
public:
    void log(const LogEvent& event) override {
        kept = std::get<std::string_view>(event.attributes.at(0).value);
    }

    std::string_view kept;
};

void off(Telemetry& telemetry) {
    set(telemetry, "perconaTelemetry", "false");
    telemetry.start({"/nonexistent", kVersion});
}

int useAfterFree() {
    const auto host = std::make_shared<ForgetfulHost>();
    Telemetry telemetry(host);
    off(telemetry);
    return host->kept.front() == 'p' ? 0 : 1;
}

// A handle that nobody has any more: memory of C++ and of Rust.
void leak() {
    auto telemetry = std::make_unique<Telemetry>(std::make_shared<ForgetfulHost>());
    off(*telemetry);
    static_cast<void>(telemetry.release());
}

// Keeps the stack of the caller free of what would still point to it.
void overwriteStack() {
    std::array<volatile char, 4096> stack{};
    for (volatile char& byte : stack) {
        byte = 0;
    }
}

// Two threads call the library, and its log() counts without a lock.
class CountingHost : public Host {
public:
    void log(const LogEvent&) override {
        ++lines;
    }

    int lines = 0;
};

int race() {
    const auto host = std::make_shared<CountingHost>();
    std::atomic<int> missing{2};
    const auto call = [&] {
        --missing;
        while (missing > 0) {
        }
        for (int i = 0; i < 1000; ++i) {
            Telemetry telemetry(host);
            off(telemetry);
        }
    };
    std::thread first(call);
    std::thread second(call);
    first.join();
    second.join();
    return host->lines > 0 ? 0 : 1;
}

int overflow() {
    volatile int most = INT_MAX;
    most = most + 1;
    return most < 0 ? 0 : 1;
}

}  // namespace
}  // namespace consumer

int main(int argc, char** argv) {
    using namespace consumer;
    const std::string_view fault = argc > 1 ? argv[1] : "";
    if (fault == "use-after-free") {
        return useAfterFree();
    }
    if (fault == "leak") {
        leak();
        overwriteStack();
    }
    if (fault == "race") {
        return race();
    }
    if (fault == "overflow") {
        return overflow();
    }
    return 0;
}
