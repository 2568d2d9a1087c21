// Nothing but the header, and a server that implements its interface.
#include "psmdb_telemetry/telemetry.h"

namespace {

class Server : public psmdb::telemetry::Host {
public:
    void log(const psmdb::telemetry::LogEvent&) override {
        ++_lines;
    }

private:
    int _lines = 0;
};

}  // namespace

int main() {
    psmdb::telemetry::Telemetry telemetry(std::make_shared<Server>());
    const bool known = static_cast<bool>(telemetry.get("perconaTelemetry"));
    return known && telemetry.stop(std::chrono::milliseconds(50)) ? 0 : 1;
}
