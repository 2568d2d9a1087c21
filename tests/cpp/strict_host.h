// A host that sees whether a line begins after stop() has returned.
#ifndef PSMDB_TELEMETRY_TESTS_CPP_STRICT_HOST_H
#define PSMDB_TELEMETRY_TESTS_CPP_STRICT_HOST_H

#include <atomic>
#include <string_view>

#include "support.h"

namespace consumer {

class StrictHost : public RecordingHost {
public:
    void log(const LogEvent& event) override {
        lateLines += isStopped ? 1 : 0;
        RecordingHost::log(event);
    }

    std::atomic<bool> isStopped{false};  // set by the scenario
    std::atomic<int> lateLines{0};
};

}  // namespace consumer

#endif
