// Signals the way mongod takes them: blocked everywhere, and waited for in one place.

#ifndef TELEMETRY_HOST_SIGNALS_H
#define TELEMETRY_HOST_SIGNALS_H

#include <csignal>

namespace telemetry_host {

class Signals {
public:
    // Blocks mongod's asynchronous signals (HUP, INT, USR1, TERM, XCPU) in this thread, and so in
    // those it starts from now on. No handler is installed.
    Signals();

    // Waits for a signal that asks the process to stop, and returns its number.
    int waitForStop() const;

    // Makes waitForStop() return; from any thread.
    static void requestStop() noexcept;

private:
    sigset_t _set;
};

}  // namespace telemetry_host

#endif  // TELEMETRY_HOST_SIGNALS_H
