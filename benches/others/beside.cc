// One event by a telemetry client, measured from inside. It is delivered, or, with HANGS, the
// client is stopped while the endpoint hangs. OURS is the library, NONE a program without a client;
// any other is linked from an archive of lib.rs. Prints a JSON object.
//
// usage: beside URL [HANGS]

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>

extern "C" {
void client_begin(const char* url);
bool client_wait();
void client_stop(std::uint32_t milliseconds);
}

#if defined(OURS)
#include <cstdlib>
#include <future>
#include <memory>
#include <string>

#include "psmdb_telemetry/telemetry.h"

namespace {

using namespace psmdb::telemetry;

class Server : public Host {
public:
    void log(const LogEvent& event) override {
        if (event.message == "Telemetry report delivered") {
            delivered.set_value();
        }
    }

    std::promise<void> delivered;
};

const auto server = std::make_shared<Server>();
std::unique_ptr<Telemetry> telemetry;

}  // namespace

void client_begin(const char* url) {
    const char* const folder = std::getenv("TMPDIR");
    std::string dbpath = std::string(folder == nullptr ? "/tmp" : folder) + "/beside.XXXXXX";
    if (::mkdtemp(dbpath.data()) == nullptr) {
        return;
    }
    telemetry = std::make_unique<Telemetry>(server);
    (void)telemetry->set("perconaTelemetryUrl", url, When::startup);
    telemetry->start({dbpath, "4.4.26-25"});
}

bool client_wait() {
    const std::chrono::seconds limit(30);
    return server->delivered.get_future().wait_for(limit) == std::future_status::ready;
}

void client_stop(std::uint32_t milliseconds) {
    telemetry->stop(std::chrono::milliseconds(milliseconds));
}
#elif defined(NONE)
void client_begin(const char*) {
}
bool client_wait() {
    return true;
}
void client_stop(std::uint32_t) {
}
#endif

namespace {

double now(clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

long threads() {
    struct stat tasks {};
    ::stat("/proc/self/task", &tasks);
    return static_cast<long>(tasks.st_nlink) - 3;
}

}  // namespace

int main(int count, char** words) {
    const double cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    client_begin(words[1]);
    if (count == 2 && !client_wait()) {
        return 1;
    }
    // Until a thread that has nothing more to do has ended, or until the endpoint hangs.
    ::usleep(300 * 1000);
    const long left = threads();
    const double begin = now(CLOCK_MONOTONIC);
    client_stop(50);
    const double end = now(CLOCK_MONOTONIC);
    std::printf("{\"cpu_us\": %.1f, \"threads\": %ld, \"stop_ms\": %.3f}\n",
                1e3 * (now(CLOCK_PROCESS_CPUTIME_ID) - cpu), left, end - begin);
    std::fflush(stdout);
    ::_exit(0);
}
