// Nothing but the header: a server that implements its interface, and calls every function of the
// library's that is not inline.
#include "psmdb_telemetry/telemetry.h"

using namespace psmdb::telemetry;

namespace {

class Server : public Host {
public:
    void log(const LogEvent& event) override {
        _log += toLine(event);
    }

private:
    std::string _log;
};

}  // namespace

int main() {
    Telemetry telemetry(std::make_shared<Server>());
    telemetry.start({"/nowhere", Telemetry::version()});
    const bool known = telemetry.set("perconaTelemetry", "false", When::runtime) &&
                       telemetry.get("perconaTelemetry") && !Telemetry::parameters().empty();
    const std::string text = telemetry.status() + telemetry.summary();
    return telemetry.stop(std::chrono::milliseconds(50)) && known && !text.empty() ? 0 : 1;
}
