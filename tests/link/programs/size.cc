// A program with the library, or with -DBARE one without.

#include <iostream>
#include <memory>
#include <string>

#ifndef BARE
#include "psmdb_telemetry/telemetry.h"

namespace {

class Server : public psmdb::telemetry::Host {
public:
    void log(const psmdb::telemetry::LogEvent& event) override {
        std::cout << toLine(event) << '\n';
    }
};

}  // namespace
#endif

int main(int count, char** words) {
#ifndef BARE
    psmdb::telemetry::Telemetry telemetry(std::make_shared<Server>());
    static_cast<void>(telemetry.set("perconaTelemetry", words[0], psmdb::telemetry::When::startup));
    telemetry.start({words[0], "1"});
    std::cout << telemetry.status() << '\n';
    telemetry.stop(std::chrono::milliseconds(count));
#endif
    std::cout << std::make_shared<std::string>(words[0])->size() << count << '\n';
}
