// SPDX-License-Identifier: Apache-2.0

#include <array>
#include <pthread.h>
#include <string_view>

#include "mongo/db/modules/percona_telemetry/server_host.h"
#include "mongo/util/concurrency/thread_name.h"

namespace mongo::percona_telemetry {
namespace {

constexpr std::string_view kPrefix = "PsmdbTelemetry";

bool adopt() {
    std::array<char, 16> name{};  // the maximum on Linux, with its end
    if (pthread_getname_np(pthread_self(), name.data(), name.size()) != 0 ||
        std::string_view(name.data()).substr(0, kPrefix.size()) != kPrefix) {
        return false;
    }
    setThreadName(name.data());
    return true;
}

}  // namespace

void adoptThreadName() {
    [[maybe_unused]] static thread_local const bool adopted = adopt();
}

}  // namespace mongo::percona_telemetry
