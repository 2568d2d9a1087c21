// One server's start, measured from inside: started, then watched until its log has the awaited
// message and the library's threads have gone. Prints what it took as one JSON object.
//
// usage: instance DBPATH LAST-MESSAGE [--watch=SECONDS] [NAME=VALUE…]
//
// NAME=VALUE sets a server parameter. --watch leaves the threads alone after the awaited message,
// and counts how often they wake.
//
// Nothing here allocates memory between the two looks at the process.

#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <valgrind/callgrind.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "psmdb_telemetry/telemetry.h"

namespace {

using psmdb::telemetry::Host;
using psmdb::telemetry::LogEvent;
using psmdb::telemetry::Telemetry;
using psmdb::telemetry::When;

constexpr std::chrono::seconds kTimeout(60);

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "instance: %s\n", what.c_str());
    std::exit(1);
}

double now(clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

// Seen in a trace of system calls, and nowhere else.
void mark(const char* name) {
    static_cast<void>(::access(name, F_OK));
}

// The number after a word in one of this process's files; -1 if it is not there.
long numberIn(const char* path, std::string_view word) {
    std::array<char, 4096> text{};
    const int file = ::open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t size = file < 0 ? -1 : ::read(file, text.data(), text.size() - 1);
    ::close(file);
    const char* const found = size < 0 ? nullptr : std::strstr(text.data(), word.data());
    return found == nullptr ? -1 : std::strtol(found + word.size(), nullptr, 10);
}

// Sets VmHWM back to what is there now.
void forgetPeak() {
    const int file = ::open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
    if (file < 0 || ::write(file, "5", 1) != 1) {
        fail("the peak of memory cannot be reset");
    }
    ::close(file);
}

long threads() {
    struct stat tasks {};
    ::stat("/proc/self/task", &tasks);
    return static_cast<long>(tasks.st_nlink) - 2;
}

template <typename Visit>
long forEachIn(const char* folder, const Visit& visit) {
    long count = 0;
    DIR* const entries = ::opendir(folder);
    while (const dirent* const entry = ::readdir(entries)) {
        if (entry->d_name[0] != '.') {
            visit(entry->d_name);
            ++count;
        }
    }
    ::closedir(entries);
    return count;
}

// How often the threads beside the main one have been given a processor again.
long wakeUps() {
    long sum = 0;
    const std::string me = std::to_string(::getpid());
    forEachIn("/proc/self/task", [&](const char* id) {
        if (id != me) {
            const std::string status = std::string("/proc/self/task/") + id + "/status";
            sum += numberIn(status.c_str(), "\nvoluntary_ctxt_switches:");
            sum += numberIn(status.c_str(), "\nnonvoluntary_ctxt_switches:");
        }
    });
    return sum;
}

// The same, once what followed the awaited message is over: for a second nobody has woken up.
// Threads that never come to rest are counted as they are.
long wakeUpsOnceAsleep() {
    long before = -1;
    for (int tries = 0; tries < 10 && before != wakeUps(); ++tries) {
        before = wakeUps();
        ::sleep(1);
    }
    return wakeUps();
}

struct Look {
    long rssKib = numberIn("/proc/self/smaps_rollup", "\nRss:");
    // Without the code: that is the program's file, which the kernel shares and may drop.
    long ownKib = numberIn("/proc/self/smaps_rollup", "\nAnonymous:");
    long descriptors = forEachIn("/proc/self/fd", [](const char*) {}) - 1;
    std::size_t heap = ::mallinfo2().uordblks;
    rusage usage{};
    double cpu = 0;
    double wall = 0;
};

class Server : public Host {
public:
    explicit Server(std::string_view lastMessage) : _lastMessage(lastMessage) {
    }

    void log(const LogEvent& event) override {
        if (event.message == _lastMessage) {
            _wall = now(CLOCK_MONOTONIC);
            _seen.set_value();
        }
    }

    // When the awaited message came.
    double wait() {
        if (_seen.get_future().wait_for(kTimeout) != std::future_status::ready) {
            fail("the log has no event: " + std::string(_lastMessage));
        }
        return _wall;
    }

private:
    std::string_view _lastMessage;
    double _wall = 0;
    std::promise<void> _seen;
};

void waitUntilThreadsAreGone() {
    const double end = now(CLOCK_MONOTONIC) + 1e6 * static_cast<double>(kTimeout.count());
    while (threads() > 1) {
        if (now(CLOCK_MONOTONIC) > end) {
            fail("the library's threads do not end");
        }
        ::usleep(100);
    }
}

}  // namespace

int main(int count, char** words) {
    if (count < 3) {
        fail("usage: instance DBPATH LAST-MESSAGE [--watch=SECONDS] [NAME=VALUE…]");
    }
    unsigned watch = 0;
    std::vector<std::pair<std::string_view, std::string_view>> parameters;
    for (std::string_view word : std::vector<std::string_view>(words + 3, words + count)) {
        const std::size_t equals = word.find('=');
        if (word.substr(0, equals) == "--watch") {
            watch = static_cast<unsigned>(std::atoi(word.data() + equals + 1));
        } else {
            parameters.emplace_back(word.substr(0, equals), word.substr(equals + 1));
        }
    }
    const auto server = std::make_shared<Server>(words[2]);
    forgetPeak();
    Look before;
    const long rssBefore = numberIn("/proc/self/status", "\nVmRSS:");
    ::getrusage(RUSAGE_SELF, &before.usage);
    mark("/mark/begin");
    CALLGRIND_ZERO_STATS;
    before.wall = now(CLOCK_MONOTONIC);
    before.cpu = now(CLOCK_PROCESS_CPUTIME_ID);

    Telemetry telemetry(server);
    for (const auto& [name, value] : parameters) {
        if (const auto result = telemetry.set(name, value, When::startup); !result) {
            fail(std::string(name) + " " + result.text);
        }
    }
    telemetry.start({words[1], "4.4.26-25"});
    CALLGRIND_DUMP_STATS_AT("started");
    mark("/mark/started");
    const double waiting = now(CLOCK_THREAD_CPUTIME_ID);
    const double reported = server->wait();
    long woken = -1;
    if (watch == 0) {
        waitUntilThreadsAreGone();
    } else {
        woken = wakeUpsOnceAsleep();
        ::sleep(watch);
        woken = wakeUps() - woken;
    }

    // What this thread takes to wait is no work of the library's.
    const double waited = now(CLOCK_THREAD_CPUTIME_ID) - waiting;
    const double cpu = now(CLOCK_PROCESS_CPUTIME_ID) - waited;
    mark("/mark/end");
    const long rssPeak = numberIn("/proc/self/status", "\nVmHWM:");
    Look after;
    ::getrusage(RUSAGE_SELF, &after.usage);
    std::printf("{\"cpu_us\": %.1f, \"wall_us\": %.1f", cpu - before.cpu, reported - before.wall);
    std::printf(", \"page_faults\": %ld", after.usage.ru_minflt + after.usage.ru_majflt -
                                              before.usage.ru_minflt - before.usage.ru_majflt);
    std::printf(", \"peak_kib\": %ld", rssPeak - rssBefore);
    std::printf(", \"rss_kib\": %ld", after.rssKib - before.rssKib);
    std::printf(", \"own_kib\": %ld", after.ownKib - before.ownKib);
    std::printf(", \"heap_bytes\": %zd", static_cast<ssize_t>(after.heap - before.heap));
    std::printf(", \"descriptors\": %ld", after.descriptors - before.descriptors);
    std::printf(", \"threads\": %ld, \"wake_ups\": %ld}\n", threads() - 1, woken);
    return 0;
}
