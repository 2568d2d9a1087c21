// Two instances in one process, each of which delivers its report into a folder of its own.
//
// Also built into a shared object, for which `embed` is the entry.

#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "psmdb_telemetry/telemetry.h"

namespace {

using psmdb::telemetry::LogEvent;
using psmdb::telemetry::Telemetry;
using psmdb::telemetry::When;

class Server : public psmdb::telemetry::Host {
public:
    void log(const LogEvent&) override {
    }
};

class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "embed.XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("no temporary folder");
        }
        path = name;
    }

    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }

    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::filesystem::path path;
};

struct Embedded {
    Embedded() {
        const std::string url = "file://" + outbox.path.string();
        if (!telemetry.set("perconaTelemetryUrl", url, When::startup)) {
            throw std::runtime_error("the URL is refused");
        }
        telemetry.start({dbpath.path.native(), "4.4.26-25"});
    }

    // The report, once it is there.
    std::string delivered() const {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (telemetry.status().find("\"state\":\"sent\"") == std::string::npos) {
            if (std::chrono::steady_clock::now() > deadline) {
                throw std::runtime_error("not delivered: " + telemetry.status());
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        const std::filesystem::directory_iterator files(outbox.path);
        std::ifstream file(files->path());
        return {std::istreambuf_iterator<char>(file), {}};
    }

    Folder dbpath;
    Folder outbox;
    Telemetry telemetry{std::make_shared<Server>()};
};

}  // namespace

extern "C" int embed() {
    try {
        Embedded first;
        Embedded second;
        const std::string report = first.delivered();
        if (report.rfind("{\"reports\":[{\"id\":", 0) != 0 || report == second.delivered()) {
            throw std::runtime_error("two different reports were expected, seen: " + report);
        }
        if (!first.telemetry.stop(std::chrono::seconds(20)) ||
            !second.telemetry.stop(std::chrono::seconds(20))) {
            throw std::runtime_error("a thread was left behind");
        }
        return 0;
    } catch (const std::exception& error) {
        std::cout << error.what() << std::endl;
        return 1;
    }
}

#ifndef SHARED_OBJECT
int main() {
    return embed();
}
#endif
