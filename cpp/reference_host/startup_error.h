// What keeps the host from starting: main() prints it as one line and exits with code 2.

#ifndef TELEMETRY_HOST_STARTUP_ERROR_H
#define TELEMETRY_HOST_STARTUP_ERROR_H

#include <stdexcept>

namespace telemetry_host {

class StartupError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace telemetry_host

#endif  // TELEMETRY_HOST_STARTUP_ERROR_H
