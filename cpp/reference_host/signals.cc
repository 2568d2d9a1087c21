#include "signals.h"

#include <unistd.h>

#include <system_error>

#include "log.h"

namespace telemetry_host {

Signals::Signals() : _set() {
    sigemptyset(&_set);
    for (const int signal : {SIGHUP, SIGINT, SIGUSR1, SIGTERM, SIGXCPU}) {
        sigaddset(&_set, signal);
    }
    const int error = ::pthread_sigmask(SIG_BLOCK, &_set, nullptr);
    if (error != 0) {
        throw std::system_error(error, std::generic_category(), "pthread_sigmask");
    }
}

int Signals::waitForStop() const {
    for (;;) {
        int signal = 0;
        const int error = ::sigwait(&_set, &signal);
        if (error != 0) {
            throw std::system_error(error, std::generic_category(), "sigwait");
        }
        if (signal != SIGUSR1) {
            return signal;
        }
        // mongod rotates its log file at this one.
        writeLog(kControl,
                 {29904, LogLevel::info, "Log rotation ignored, log is standard output", {}});
    }
}

void Signals::requestStop() noexcept {
    ::kill(::getpid(), SIGTERM);
}

}  // namespace telemetry_host
