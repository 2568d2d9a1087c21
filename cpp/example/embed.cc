#include <filesystem>
#include <iostream>

#include "psmdb_telemetry/telemetry.h"

namespace telemetry = psmdb::telemetry;

class Server : public telemetry::Host {  // your log, optionally your HTTP client
    void log(const telemetry::LogEvent& event) override {
        std::cerr << toLine(event) + "\n";
    }
};

int main() {
    telemetry::Telemetry handle(std::make_shared<Server>());

    // For a trial: the report is written to a file in this folder, and is not sent.
    const std::string url = "file://" + std::filesystem::current_path().string();
    if (const auto set = handle.set("perconaTelemetryUrl", url, telemetry::When::startup); !set) {
        std::cerr << "perconaTelemetryUrl: " + set.text + "\n";
        return 1;
    }

    handle.start({".", "4.4.26-25"});  // dbpath and version; after the fork, dbpath locked
    std::cin.get();                    // the server runs
    handle.stop(std::chrono::milliseconds(50));  // first in the shutdown
}
