// Calls every function of the interface that is not inline.
#include "psmdb_telemetry/telemetry.h"

int main() {
    using namespace psmdb::telemetry;
    Telemetry telemetry(nullptr);
    telemetry.start({"/nowhere", Telemetry::version()});
    const bool known = telemetry.set("perconaTelemetry", "false", When::runtime) &&
                       telemetry.get("perconaTelemetry") && !Telemetry::parameters().empty();
    const std::string text = telemetry.status() + telemetry.summary() + toLine({});
    return telemetry.stop(std::chrono::milliseconds(50)) && known && !text.empty() ? 0 : 1;
}
